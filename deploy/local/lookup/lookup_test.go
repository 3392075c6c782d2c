package lookup_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/lookup"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	require.NoError(t, err)
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(body)
}

func TestHandler(t *testing.T) {
	server := httptest.NewServer(lookup.New(0).Handler())
	t.Cleanup(func() { server.Close(); http.DefaultClient.CloseIdleConnections() })
	for _, tc := range []struct {
		name, path string
		status     int
		body       string
	}{
		{
			"a customer", "/customers/customer-0001", 200,
			`{"customerId":"customer-0001","tier":"basic","region":"apac"}` + "\n",
		},
		{
			"the same customer", "/customers/customer-0001", 200,
			`{"customerId":"customer-0001","tier":"basic","region":"apac"}` + "\n",
		},
		{"an escaped id", "/customers/a%2Fb%22", 200, `{"customerId":"a/b\"","tier":"basic","region":"amer"}` + "\n"},
		{"no id", "/customers/", 404, "404 page not found\n"},
		{"a long id", "/customers/" + strings.Repeat("x", 65), 400, "a customer id has at most 64 characters\n"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, body := get(t, server.URL+tc.path)
			require.Equal(t, tc.status, status)
			require.Equal(t, tc.body, body)
		})
	}
}

func TestFindSpreadsCustomers(t *testing.T) {
	tiers, regions := map[string]int{}, map[string]int{}
	for i := range 16_000 {
		customer := lookup.Find("customer-" + strconv.Itoa(i))
		tiers[customer.Tier]++
		regions[customer.Region]++
	}
	require.InDelta(t, 1000, tiers["gold"], 200)
	require.InDelta(t, 4000, tiers["silver"], 400)
	require.InDelta(t, 11000, tiers["basic"], 500)
	require.Len(t, regions, 4)
	for region, n := range regions {
		require.InDelta(t, 4000, n, 400, region)
	}
}

func TestTheAnswerTakesItsTime(t *testing.T) {
	const delay = 30 * time.Millisecond
	service := lookup.New(time.Hour)
	server := httptest.NewServer(service.Handler())
	t.Cleanup(func() { server.Close(); http.DefaultClient.CloseIdleConnections() })
	require.Equal(t, time.Hour, service.SetDelay(delay))
	start := time.Now()
	get(t, server.URL+"/customers/a")
	require.GreaterOrEqual(t, time.Since(start), delay)
}

func TestRun(t *testing.T) {
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	address := listener.Addr().String()
	require.NoError(t, listener.Close())

	ctx, cancel := context.WithCancel(t.Context())
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- lookup.New(0).Run(ctx, address, func() { close(ready) }) }()
	<-ready
	status, _ := get(t, "http://"+address+"/customers/a")
	require.Equal(t, http.StatusOK, status)

	require.ErrorContains(t, lookup.New(0).Run(ctx, address, func() {}), "address already in use")

	http.DefaultClient.CloseIdleConnections()
	cancel()
	require.NoError(t, <-ended)
	var dialer net.Dialer
	_, err = dialer.DialContext(t.Context(), "tcp", address)
	require.Error(t, err, "it is closed")
}
