package listen_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/listen"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// free is an address that nothing listens on.
func free(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// serve starts a service and returns a function that ends it and returns its error.
func serve(t *testing.T, address string, handler http.HandlerFunc, grace time.Duration) (end func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- listen.Serve(ctx, address, handler, grace, func() { close(ready) }) }()
	<-ready
	return func() error { cancel(); return <-ended }
}

func get(ctx context.Context, url string) (status int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	return response.StatusCode, response.Body.Close()
}

func TestServe(t *testing.T) {
	address := free(t)
	end := serve(t, address, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) },
		time.Second)
	status, err := get(t.Context(), "http://"+address)
	require.NoError(t, err)
	require.Equal(t, http.StatusTeapot, status)

	require.ErrorContains(t, listen.Serve(t.Context(), address, nil, 0, func() {}), "address already in use")

	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, end())
	_, err = get(t.Context(), "http://"+address)
	require.ErrorContains(t, err, "connection refused", "it is closed")
}

func TestAnswersInFlightGoOut(t *testing.T) {
	address, asked := free(t), make(chan struct{})
	let := make(chan struct{})
	end := serve(t, address, func(http.ResponseWriter, *http.Request) { close(asked); <-let }, time.Minute)
	answered := make(chan error, 1)
	go func() { _, err := get(t.Context(), "http://"+address); answered <- err }()
	<-asked
	ended := make(chan error, 1)
	go func() { ended <- end() }()
	close(let)
	require.NoError(t, <-answered)
	http.DefaultClient.CloseIdleConnections()
	require.NoError(t, <-ended)
}

func TestOneThatNeverEndsIsCutOff(t *testing.T) {
	address, asked := free(t), make(chan struct{})
	end := serve(t, address, func(_ http.ResponseWriter, r *http.Request) { close(asked); <-r.Context().Done() },
		time.Millisecond)
	answered := make(chan error, 1)
	go func() { _, err := get(t.Context(), "http://"+address); answered <- err }()
	<-asked
	require.NoError(t, end())
	require.ErrorContains(t, <-answered, "EOF")
}
