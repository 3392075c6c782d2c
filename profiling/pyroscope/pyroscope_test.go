package pyroscope

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// pyroscopeServer gives prepared answers to /ingest, and 200 in the end.
type pyroscopeServer struct {
	*httptest.Server
	asked    atomic.Int32
	statuses []int
	queries  chan url.Values
	bodies   chan string
}

func newPyroscopeServer(t *testing.T, statuses ...int) *pyroscopeServer {
	t.Helper()
	s := &pyroscopeServer{statuses: statuses, queries: make(chan url.Values, 10), bodies: make(chan string, 10)}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(s.asked.Add(1))
		if r.Method != http.MethodPost || r.URL.Path != "/ingest" {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		if n <= len(s.statuses) {
			w.WriteHeader(s.statuses[n-1])
			_, _ = io.WriteString(w, "no\nroom")
			return
		}
		body, _ := io.ReadAll(r.Body)
		s.queries <- r.URL.Query()
		s.bodies <- string(body)
	}))
	t.Cleanup(s.Close)
	return s
}

// started is a sender whose pauses take no time.
func started(t *testing.T, url string) (p *Sender, slept *[]time.Duration) {
	t.Helper()
	cfg := Config{
		URL: url, App: "flink", Timeout: model.Duration(5 * time.Second),
		HTTP: commoncfg.DefaultHTTPClientConfig,
	}
	require.Empty(t, cfg.Validate())
	p, err := New(cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	slept = &[]time.Duration{}
	p.Sleep = func(ctx context.Context, d time.Duration) error {
		*slept = append(*slept, d)
		return ctx.Err()
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-ended)
	})
	return p, slept
}

func (p *Sender) count(result string) float64 {
	return testutil.ToFloat64(p.pushes.WithLabelValues(result))
}

func aTree() *flame.Tree {
	tree := flame.New()
	tree.Add([]string{"a", "b"}, 3)
	return tree
}

func TestPyroscopeTakesAProfile(t *testing.T) {
	server := newPyroscopeServer(t, http.StatusBadGateway, http.StatusTooManyRequests)
	p, slept := started(t, server.URL+"/")
	profile := episode.Profile{
		Mode: "ALLOC", Process: "tm-1", Role: episode.Hot, Taken: time.Unix(1000, 0),
		Duration: 30 * time.Second,
	}
	p.Push(episode.JobRef{Cluster: "eu", Job: `orders, "v2" {x}`}, profile, aTree())
	query := <-server.queries
	require.Equal(t, "a;b 3\n", <-server.bodies)
	require.Equal(t, url.Values{
		"name": {"flink.alloc_in_new_tlab_objects{cluster=eu,job=orders_ _v2_ _x_,process=tm-1,role=hot}"},
		"from": {"1000"}, "until": {"1030"},
		"format": {"folded"}, "sampleRate": {"100"}, "spyName": {"flink-sidecar"}, "units": {"objects"},
		"aggregationType": {"sum"},
	}, query)
	require.Eventually(t, func() bool { return p.count(pushDone) == 1 }, 5*time.Second, time.Millisecond)
	require.Equal(t, []time.Duration{5 * time.Second, 10 * time.Second}, *slept, "after each failure")

	for mode, want := range map[string]string{
		"ITIMER": "flink.itimer{", "CPU": "flink.cpu{", "WALL": "flink.wall{",
		"LOCK": "flink.lock_count{",
	} {
		p.Push(episode.JobRef{}, episode.Profile{Mode: mode}, aTree())
		require.Contains(t, (<-server.queries).Get("name"), want)
		<-server.bodies
	}
	p.Push(episode.JobRef{}, episode.Profile{Mode: "VERTEX"}, aTree())
	p.Push(episode.JobRef{}, episode.Profile{Mode: "CPU"}, aTree())
	require.Contains(t, (<-server.queries).Get("name"), "cpu", "what is of one vertex is not sent")
}

func TestPyroscopeThatDoesNot(t *testing.T) {
	refuses := newPyroscopeServer(t, http.StatusUnauthorized)
	p, slept := started(t, refuses.URL)
	p.Push(episode.JobRef{}, episode.Profile{Mode: "CPU"}, aTree())
	require.Eventually(t, func() bool { return p.count(pushFailed) == 1 }, 5*time.Second, time.Millisecond)
	require.Empty(t, *slept, "another attempt would be refused too")

	gone := newPyroscopeServer(t)
	gone.Close()
	p, slept = started(t, gone.URL)
	p.Push(episode.JobRef{}, episode.Profile{Mode: "CPU"}, aTree())
	require.Eventually(t, func() bool { return p.count(pushFailed) == 1 }, 5*time.Second, time.Millisecond)
	require.Equal(t, []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second}, *slept)
}

// TestPyroscopeDoesNotBlock pushes without a running sender.
func TestPyroscopeDoesNotBlock(t *testing.T) {
	p, err := New(Config{URL: "http://none.invalid", HTTP: commoncfg.DefaultHTTPClientConfig},
		slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	for range waitingPushes + 3 {
		p.Push(episode.JobRef{}, episode.Profile{Mode: "CPU"}, aTree())
	}
	require.InDelta(t, 3, p.count(pushDropped), 0)
}

func TestPyroscopeFaults(t *testing.T) {
	cfg := Config{URL: "pyroscope:4040", App: "my app"}
	var texts []string
	for _, fault := range cfg.Validate() {
		texts = append(texts, fault.Error())
	}
	require.Equal(t, []string{
		`url: "pyroscope:4040" is not an HTTP address (write it as http://pyroscope:4040)`,
		`app: "my app" is not the name of an application (use letters, digits, _, - and .)`,
		"timeout: 0s is not a timeout (use a time such as 10s)",
	}, texts)
	cfg = Config{URL: "http://me:secret@pyroscope", App: "x", Timeout: 1}
	require.Equal(t, "url: holds a password (use http.basic_auth with a password_file)", cfg.Validate()[0].Error())
}
