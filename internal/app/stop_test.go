package app

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	ulid "github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/advisor/llmtest"
	"github.com/flink-sidecar/flink-sidecar/grafana/grafanatest"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// mustStopWithin is what docs/operations.md promises. Kubernetes kills after 30 s.
const mustStopWithin = 5 * time.Second

// stand is a sidecar as its own process, and all servers that it talks to.
type stand struct {
	*testing.T

	flink   *flinktest.Server
	grafana *grafanatest.Server
	// mute makes Grafana take a request and not answer it, while it is set; heard counts those.
	mute  atomic.Bool
	heard atomic.Int32
	file  string
	*member
}

// newStand prepares a sidecar that is not started yet; lines are added to its configuration.
func newStand(t *testing.T, lines string) *stand {
	t.Helper()
	s := &stand{T: t, flink: flinktest.New(t, flinktest.Flink23), grafana: &grafanatest.Server{Token: "t"}}
	page, err := os.ReadFile("../flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	s.flink.EnableProfiler(page)
	dir := t.TempDir()
	s.file = filepath.Join(dir, "sidecar.yml")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "token"), []byte("t"), 0o600))
	text := fmt.Sprintf("flink: {url: %q, cluster: test}\ncollector: {poll_interval: 5s}\nhistory: {path: history.db}\n%s",
		s.flink.URL, strings.ReplaceAll(lines, "GRAFANA", s.startGrafana()))
	require.NoError(t, os.WriteFile(s.file, []byte(text), 0o600))
	return s
}

func (s *stand) startGrafana() string {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.mute.Load() || r.Method != http.MethodPost {
			s.grafana.ServeHTTP(w, r)
			return
		}
		s.grafana.ServeHTTP(httptest.NewRecorder(), r) // it is done, and nobody is told
		s.heard.Add(1)
		<-r.Context().Done()
	}))
	s.Cleanup(server.Close)
	return server.URL
}

// start runs the sidecar until it is ready.
func (s *stand) start() {
	s.Helper()
	s.member = startMember(s.T, s.file)
	s.Cleanup(func() { _ = s.cmd.Process.Kill() }) // fails if it has ended, as it should
	require.Eventually(s, func() bool {
		status, _ := s.ask(s.T, http.MethodGet, "/-/ready", nil)
		return status == http.StatusOK
	}, 30*time.Second, 20*time.Millisecond, s.stderr)
}

// terminate sends SIGTERM, and requires a clean end within the time.
func (m *member) terminate(t *testing.T) {
	t.Helper()
	began := time.Now()
	require.NoError(t, m.cmd.Process.Signal(syscall.SIGTERM))
	require.NoError(t, m.cmd.Wait(), m.stderr)
	within := mustStopWithin
	if testing.Short() { // the race detector slows the process
		within *= 2
	}
	require.Less(t, time.Since(began), within, m.stderr)
	require.NotContains(t, m.stderr.String(), "level=ERROR")
}

// until waits for a condition.
func (s *stand) until(what string, is func() bool) {
	s.Helper()
	require.Eventually(s, is, time.Minute, 10*time.Millisecond, what)
}

// only waits until there is one episode of an alert, and is returns true for it.
func (s *stand) only(what string, is func(episode.Episode) bool) (ep episode.Episode) {
	s.Helper()
	s.until(what, func() bool {
		all := episodesOf(s.T, s.member)
		if len(all) == 0 {
			return false
		}
		require.Len(s, all, 1)
		ep = all[0]
		return is(ep)
	})
	return ep
}

func (s *stand) reach(state episode.State) {
	s.Helper()
	deliver(s.T, "Lag", s.member)
	s.only("the episode is "+string(state), func(ep episode.Episode) bool { return ep.State == state })
}

// finishes requires that the episode goes on to its end, and has its one profile.
func (s *stand) finishes() {
	s.Helper()
	ep := s.only("the episode is done", api.Finished)
	require.Equal(s, episode.Done, ep.State, ep.Error)
	require.Len(s, ep.Profiles, 1, ep.Notes)
	require.Equal(s, 1, s.flink.ProfilesBegun(), "the profile that was begun is fetched")
	require.NotNil(s, ep.Advice)
}

// TestTerminatedInEachStep sends SIGTERM to a real process in each step of its work, and
// starts it again: it ends in time, and nothing is lost.
func TestTerminatedInEachStep(t *testing.T) {
	t.Parallel()
	const short = "profiling: {duration: 1s}\n"
	for name, test := range map[string]struct {
		lines string
		reach func(s *stand)
		after func(s *stand)
	}{
		"idle": {"", func(*stand) {}, func(*stand) {}},
		"while it polls": {
			"", func(s *stand) {
				s.flink.Requests() // counts from here
				s.flink.Break(flinktest.Hang)
				asked := 0
				s.until("Flink is asked", func() bool {
					for _, n := range s.flink.Requests() {
						asked += n
					}
					return asked > 0
				})
			},
			func(s *stand) {
				s.until("Flink is polled", func() bool {
					_, page := s.ask(s.T, http.MethodGet, "/metrics", nil)
					return strings.Contains(page, "flink_job_up{")
				})
			},
		},
		"while a profile is taken": {
			"profiling: {duration: 5s}\n", func(s *stand) {
				s.reach(episode.Profiling)
				s.until("the profile begins", func() bool { return s.flink.ProfilesBegun() > 0 })
			},
			(*stand).finishes,
		},
		"while Grafana does not answer": {
			short + "grafana: {url: GRAFANA, token_file: token}\n", func(s *stand) {
				s.mute.Store(true)
				s.reach(episode.Announcing)
				s.until("the annotation is sent", func() bool { return s.heard.Load() > 0 })
			},
			func(s *stand) {
				s.finishes()
				require.Len(s, s.grafana.Annotations(), 1, "it was made before the end, and is not made again")
			},
		},
		"while a client does not read its answer": {"", (*stand).slowClient, func(*stand) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStand(t, test.lines)
			s.start()
			test.reach(s)
			s.terminate(t)
			s.flink.Heal()
			s.mute.Store(false)
			s.start()
			test.after(s)
			s.terminate(t)
		})
	}
}

// slowClient asks for a copy of a large history, and reads nothing of it.
func (s *stand) slowClient() {
	s.Helper()
	s.terminate(s.T)
	config := history.DefaultConfig()
	config.Path = filepath.Join(filepath.Dir(s.file), "history.db")
	store, err := history.Open(s.Context(), config, slog.New(slog.DiscardHandler))
	require.NoError(s, err)
	large := episode.Measurement{Kind: episode.KindWindow, Job: "orders", Warnings: []string{strings.Repeat("x", 200<<10)}}
	for i := range 100 {
		large.Began = time.Now().Add(-time.Duration(i) * time.Minute)
		large.ID = ulid.MustNewDefault(large.Began).String()
		require.NoError(s, store.PutMeasurement(large))
	}
	require.NoError(s, store.Close())
	s.start()
	conn, err := (&net.Dialer{}).DialContext(s.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	require.NoError(s, err)
	s.Cleanup(func() { _ = conn.Close() })
	_, err = fmt.Fprintf(conn, "GET /api/v1/history/backup HTTP/1.1\r\nHost: localhost\r\n\r\n")
	require.NoError(s, err)
	first := make([]byte, 1)
	_, err = conn.Read(first)
	require.NoError(s, err, "the answer has begun")
}

func TestTerminatedWhileTheLLMIsAsked(t *testing.T) {
	t.Parallel()
	wait := make(chan struct{})
	llm := llmtest.NewServer(llmtest.Reply{Wait: wait}, llmtest.Reply{Content: `{"findings":[]}`})
	t.Cleanup(llm.Close)
	s := newStand(t, fmt.Sprintf("profiling: {duration: 1s}\nadvisor: {provider: openai, openai: {base_url: %q, model: m}}\n",
		llm.BaseURL()))
	s.start()
	deliver(t, "Lag", s.member)
	s.until("the LLM is asked", func() bool { return len(llm.Requests()) == 1 })
	ep := s.only("it waits for the LLM", func(ep episode.Episode) bool { return ep.State == episode.Advising })
	require.NotNil(t, ep.Advice, "the advice of the rules is stored already")
	s.terminate(t)

	s.start()
	s.finishes()
	require.Len(t, llm.Requests(), 2, "it is asked again")
	s.terminate(t)
}

// The records that were on their way have their outcome after the restart.
func TestTerminatedWhileRecordsAreOnTheirWay(t *testing.T) {
	t.Parallel()
	broker, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders", "enriched"))
	require.NoError(t, err)
	t.Cleanup(broker.Close)
	address := broker.ListenAddrs()[0]
	s := newStand(t, fmt.Sprintf("kafka: {brokers: [%q]}\nsinks: [{name: out, kafka: {topic: enriched}}]\n"+
		"probe: {job: %q, topic: orders, interval: 1s, on_time_within: 2m, cutoff: 3m, template: '{\"id\": \"{{.Seed}}\"}'}\n",
		address, flinktest.JobName))
	s.start()
	client, err := api.NewClient(s.url, nil)
	require.NoError(t, err)
	var before []episode.ProbeRecord
	s.until("records are on their way", func() bool {
		list, err := client.Records(t.Context(), 0)
		before = list.Records
		return err == nil && len(before) >= 3
	})
	round := make(chan error, 1)
	go func() { // a person waits for a round meanwhile
		_, err := client.Round(t.Context(), api.RoundRequest{Records: 1})
		round <- err
	}()
	s.terminate(t)
	require.Error(t, <-round)

	passOnFrom(t, address, kgo.NewOffset().AtStart())
	s.start()
	client, err = api.NewClient(s.url, nil)
	require.NoError(t, err)
	s.until("all of them have arrived", func() bool {
		list, err := client.Records(t.Context(), 0)
		require.NoError(t, err)
		on := map[string]episode.RecordOutcome{}
		for _, r := range list.Records {
			on[r.Seed] = r.Sinks[0].Outcome
		}
		for _, r := range before {
			if on[r.Seed] != episode.OnTime {
				return false
			}
		}
		return true
	})
	s.terminate(t)
}

func TestTerminatedWhileItStandsBy(t *testing.T) {
	t.Parallel()
	s := newStand(t, "")
	s.start()
	standby := startMember(t, s.file)
	t.Cleanup(func() { _ = standby.cmd.Process.Kill() }) // fails if it has ended, as it should
	standby.await(t, "the second stands by", "/-/ready", http.StatusServiceUnavailable)
	standby.terminate(t)
	s.terminate(t)
}

// Told to stop at the first moment, it does not report a failure.
func TestStoppedWhileItStarts(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	require.NoError(t, Run(ctx, load(t, "flink: {url: 'http://127.0.0.1:1'}\n"), Options{}, slog.New(slog.DiscardHandler)))
}
