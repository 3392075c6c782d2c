package grafana

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
)

// childURL names the variable that makes this test binary a process which
// announces one episode and ends.
const childURL = "SIDECAR_TEST_ANNOUNCE_TO"

func TestMain(m *testing.M) {
	if address := os.Getenv(childURL); address != "" {
		os.Exit(announceOnce(address))
	}
	goleak.VerifyTestMain(m)
}

func announceOnce(address string) int {
	cfg := DefaultConfig()
	cfg.URL = address
	a, err := New(cfg, slog.New(slog.DiscardHandler))
	if err == nil {
		_, err = a.Notify(context.Background(), ep, "told", began, ended)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// A real process is killed with SIGKILL at each of its requests, once while the server
// handles the request and then finishes it, and once after that but before the answer. In
// every case the next process leaves exactly one annotation.
func TestKilledAtAnyMoment(t *testing.T) {
	for _, open := range []bool{false, true} { // an open region is closed by PATCH
		for request := 1; request <= 3; request++ {
			for _, handled := range []bool{false, true} {
				t.Run(fmt.Sprintf("open %t, request %d, handled %t", open, request, handled), func(t *testing.T) {
					g := &grafanatest.Server{Anonymous: false}
					if open {
						g.Add(grafanatest.Annotation{
							Text: "told", Time: began.UnixMilli(),
							TimeEnd: began.UnixMilli(), Tags: tagsOf(of(ep), nil),
						})
					}
					killAt(t, g, request, handled)
					server := httptest.NewServer(trusting(g))
					defer server.Close()
					require.NoError(t, child(t, server.URL).Run())
					stored := g.Annotations()
					require.Len(t, stored, 1)
					require.Equal(t, ended.UnixMilli(), stored[0].TimeEnd)
				})
			}
		}
	}
}

// killAt runs a child against g and kills it at the given request. A child with fewer
// requests just ends.
func killAt(t *testing.T, g *grafanatest.Server, request int, handled bool) {
	t.Helper()
	reached, killed := make(chan struct{}), make(chan struct{})
	seen := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if seen++; seen != request {
			trusting(g).ServeHTTP(w, r)
			return
		}
		if handled {
			trusting(g).ServeHTTP(httptest.NewRecorder(), r)
		}
		close(reached)
		<-killed
		if !handled {
			trusting(g).ServeHTTP(httptest.NewRecorder(), r)
		}
	}))
	defer server.Close() // waits for the handler, so that what lands late has landed
	process := child(t, server.URL)
	require.NoError(t, process.Start())
	done := make(chan error, 1)
	go func() { done <- process.Wait() }()
	select {
	case <-reached:
		require.NoError(t, process.Process.Kill())
		require.ErrorContains(t, <-done, "killed")
	case err := <-done:
		require.NoError(t, err)
	case <-time.After(30 * time.Second):
		require.Fail(t, "the child does nothing")
	}
	close(killed)
}

func child(t *testing.T, address string) *exec.Cmd {
	t.Helper()
	process := exec.CommandContext(t.Context(), os.Args[0])
	process.Env = append(os.Environ(), childURL+"="+address)
	return process
}

// trusting lets everybody in as the service account.
func trusting(g *grafanatest.Server) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Authorization", "Bearer "+g.Token)
		g.ServeHTTP(w, r)
	})
}
