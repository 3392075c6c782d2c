package routes_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// sidecar is a running API on a real history.
type sidecar struct {
	store   *history.Store
	sources routes.Sources
	url     string
	client  *api.Client
}

// newSidecar serves the API; change, if not nil, changes its sources beforehand.
func newSidecar(t *testing.T, change func(*routes.Sources)) *sidecar {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	config := history.DefaultConfig()
	config.Path = filepath.Join(t.TempDir(), "h.db")
	store, err := history.Open(t.Context(), config, log)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	s := &sidecar{store: store, sources: routes.Sources{
		Status:   func() api.Status { return api.Status{Version: "1", History: api.History{Mode: api.ModeFile}} },
		Episodes: store, Measurements: store, Records: store.Probes(), Marks: store, Backups: store,
	}}
	if change != nil {
		change(&s.sources)
	}
	server := httptest.NewServer(routes.NewHandler(s.sources, log))
	t.Cleanup(server.Close)
	s.url = server.URL
	s.client, err = api.NewClient(server.URL, server.Client())
	require.NoError(t, err)
	return s
}

// ask sends one request and returns the answer's status, body and header.
func (s *sidecar) ask(t *testing.T, method, path, body string, header ...string) (int, string, http.Header) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(header); i += 2 {
		request.Header.Set(header[i], header[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	return response.StatusCode, string(content), response.Header
}

// roundFunc is a function as a probe.
type roundFunc func(context.Context, api.RoundRequest) (episode.Episode, error)

func (f roundFunc) Round(ctx context.Context, r api.RoundRequest) (episode.Episode, error) {
	return f(ctx, r)
}

// raiseFunc is a function as what takes alerts.
type raiseFunc func(episode.Alert) (api.Receipt, error)

func (f raiseFunc) Raise(a episode.Alert) (api.Receipt, error) { return f(a) }

// brake remembers what is paused; with failure it can't.
type brake struct {
	paused  map[api.Part]bool
	failure error
}

func (b *brake) Pause(parts ...api.Part) error  { return b.set(true, parts) }
func (b *brake) Resume(parts ...api.Part) error { return b.set(false, parts) }

func (b *brake) set(paused bool, parts []api.Part) error {
	if b.failure != nil {
		return b.failure
	}
	if b.paused == nil {
		b.paused = map[api.Part]bool{}
	}
	for _, part := range parts {
		b.paused[part] = paused
	}
	return nil
}

func (b *brake) Paused() (parts []api.Part) {
	for _, part := range api.Parts() {
		if b.paused[part] {
			parts = append(parts, part)
		}
	}
	return parts
}

func idAt(n int) string {
	var id ulid.ULID
	_ = id.SetTime(ulid.Timestamp(start.Add(time.Duration(n) * time.Minute)))
	return id.String()
}

// fullStatus has something in every field.
func fullStatus() api.Status {
	share := &api.Share{Mean: 0.4, Max: 0.9}
	return api.Status{
		Version: "1.2.3", At: start, Started: start,
		Cluster: &api.Cluster{
			Name: "local", URL: "http://127.0.0.1:8081", FlinkVersion: "2.1.0",
			TaskManagers: new(2), Slots: new(4), SlotsFree: new(0), Polled: start, MetricsFrozen: true, Up: new(true),
		},
		Clusters: []api.Cluster{
			{Name: "local", URL: "http://127.0.0.1:8081"},
			{Name: "other", URL: "http://127.0.0.1:8082", Up: new(false)},
		},
		Targets: []api.Target{{
			Name: "kafka", Cluster: "local", Address: "127.0.0.1:9092", Up: new(false),
			Since: start, Problems: []string{"refused (start it)"},
		}},
		Jobs: []api.Job{{
			Cluster: "local", Name: "orders", ID: "a1", State: "RUNNING", Started: start, UptimeSeconds: new(3.0),
			Restarts:    new(0.0),
			LastFailure: &api.Failure{At: start, Class: "a.B", Cause: "a.B: why", Task: "t (1/2)", TaskManager: "tm1"},
			Throughput:  new(120.5), EpochKey: "e1", CPUSeconds: new(12.5),
			Vertices: []api.Vertex{{
				ID: "v1", Name: "Source", Parallelism: 2, Inputs: []string{"v0"}, Busy: share, Backpressured: share, Idle: share,
				RecordsIn: new(1.0), RecordsOut: new(2.0), Pending: new(0.0),
			}},
			Checkpoints: &api.Checkpoints{Completed: 3, Failed: 1, InProgress: 1, Last: &api.Checkpoint{
				Finished: start, DurationSeconds: 0.4, Bytes: 10, StateBytes: 20,
			}},
		}},
		Trends: []api.Trend{{
			Rule: "checkpoint-size", State: "firing", Job: "orders", Vertex: "v1", Process: "tm-1", Unit: "bytes", Samples: 12,
			Level: new(3e8), SlopePerSecond: new(1e5), Limit: new(5e8),
			Breach: &api.Breach{PointSeconds: 2000, LowSeconds: 1500, HighSeconds: new(3000.0)},
			Firing: true, Since: start, Summary: "checkpoint size will pass 477 MiB in 33 min (25–50)",
			Unknown: "too few samples",
		}},
		Unwatched: []api.Unwatched{{
			Rule: "rocksdb-size", Cluster: "local", Signal: "rocksdb-size", Series: 1, State: "waiting", Why: "3 of 20 samples so far",
		}},
		Loop:      api.Loop{Queued: 1, Working: 2, Announcing: 3, Paused: []api.Part{api.PartLLM}, ProfilesLeft: new(0)},
		ScaleTest: new(fullScaleProgress()),
		Probe: &api.Probe{
			Job: "orders", Topic: "orders", IntervalSeconds: 10, OnTimeWithinSeconds: 60, CutoffSeconds: 180,
			Waiting: "the job is RESTARTING", HopsOverSeconds: 600,
			NothingArrived: &api.NothingArrived{
				Since: start, Records: 4, First: true, Text: "no record was seen at any sink",
				Causes: []api.Cause{{Text: "the job drops it (look)", Evidence: []string{"it failed"}}, {Text: "none", Evidence: []string{}}},
			},
			Round: &api.RoundProgress{Records: 4, Sent: 2, Seen: []api.SeenAtSink{{Sink: "search", Records: 1}}},
			Hops:  []episode.Hop{{Name: episode.HopVisible, Count: 2, P50: 0.5, P99: 0.7, Max: 0.7}},
			Accounts: []episode.Account{{
				Sink: "search", Intended: 1,
				Outcomes: map[episode.RecordOutcome]int64{episode.OnTime: 1},
			}},
		},
		History: api.History{
			Mode: api.ModeMemory, Path: "x.db", Reason: "read-only (make it writable)",
			SetAside: "x.db.damaged-1", Salvaged: &api.Salvaged{Saved: 3, Unreadable: 1, LostPages: 2},
		},
		Hints: []api.Hint{{Configure: "probe", Adds: "latency by hop"}},

		Warnings: []api.Warning{{What: "open", Text: "no password (set one)"}},
		Troubles: []api.Trouble{{
			Kind: "job-stalled", Rule: "job-stalled", Cluster: "prod", Job: "orders", Subject: "sink", Since: start,
			What: "Job stalled", Seen: "it reads 0 records/s", Do: "see the sink",
		}},
	}
}

func fullMeasurement(n int) episode.Measurement {
	return episode.Measurement{
		ID: idAt(n), Kind: episode.KindRound, Began: start.Add(time.Duration(n) * time.Minute), Ended: start,
		Cluster: "local", Job: "orders", JobID: "a1", EpochKey: "e1", Throughput: new(12.5),
		Hops:               []episode.Hop{{Name: episode.HopAcknowledged, Count: 1, P50: 0.01, P99: 0.01, Max: 0.01}},
		IngestedUpperBound: &episode.UpperBound{Count: 1, P50: 15, P99: 15, Max: 15, Resolution: 15},
		Accounts: []episode.Account{{
			Sink: "search", Intended: 1,
			Outcomes: map[episode.RecordOutcome]int64{episode.Lost: 1},
		}},
		Warnings: []string{"too few records"},
	}
}

func fullEpisode(n int) episode.Episode {
	m, advice := fullMeasurement(n), fullAdvice()
	advice.Findings[0].ID = idAt(n) + "-F1"
	return episode.Episode{
		ID: idAt(n), State: episode.Failed, Opened: start, Finished: start, Concluded: start, EpochKey: "e1",
		Measurement: &m,
		Advice:      &advice, Error: "no (yes)", Waiting: "Grafana", Notes: []string{"the profiler was busy (wait)"},
		Alert: episode.Alert{
			Rule: "probe-round", Source: episode.FromCLI, Cluster: "local", Job: "orders", Vertex: "v1",
			Process: "tm-1",
			Summary: "asked", StartsAt: start, ResolvedAt: start, Fingerprint: "f1",
		},
		Target: &episode.Target{JobID: "a1", Vertex: "v1", VertexName: "Enrich", Process: "tm-1", Why: "the busiest"},
		Profiles: []episode.Profile{{
			ID: idAt(n), Mode: "ITIMER", Process: "tm-1", Vertex: "v1", Taken: start, Duration: 30 * time.Second,
			Samples: 100, Hash: "ab",
			Hot:      []episode.HotFrame{{Name: "java/lang/Thread.run", Self: 1, Total: 100}},
			Warnings: []string{"few samples"},
		}},
		Marks: []episode.Mark{{Finding: idAt(n) + "-F1", Decision: episode.Applied, At: start, Note: "in 1.2"}},
		Announcements: []episode.Announcement{{
			Where: "grafana", ID: "7", At: start,
			Error: "refused (renew the token)",
		}},
	}
}

func fullAdvice() episode.Advice {
	return episode.Advice{
		Findings: []episode.Finding{
			{
				ID: "F1", Category: "blocking-io", Title: "waits", Rank: 1,
				Impact:     &episode.Impact{LowPercent: 5, HighPercent: 12.5},
				Confidence: 0.8, Severity: episode.Warning, Evidence: []string{"E1"}, Why: "because",
				Change: "don't", TradeOffs: "none",
				Source: "rule:blocking-calls",
			},
			{
				ID: "F2", Category: "other", Title: "grows", Rank: 2, Severity: episode.Info, Evidence: []string{"E1"},
				Source: "llm:m",
			},
		},
		Evidence: []episode.Evidence{{
			ID: "E1", Kind: "metric", Subject: "busy", Value: new(0.5), Unit: "ratio",
			Text: "half",
		}},
		Rejected: []episode.Rejection{{
			Reason: "beyond-bound", Detail: "at most 3 %", Title: "magic",
			Source: "llm:m",
		}},
		Observations: []string{"quiet"},
		Warnings:     []string{"the LLM was slow"},
	}
}

func fullRecord(n int) episode.ProbeRecord {
	return episode.ProbeRecord{
		Seed: "fsp-" + idAt(n) + "-0", Round: idAt(n), Key: "k", Partition: 1, Subtask: new(2), Intended: start,
		OnTimeWithin: time.Minute, Cutoff: 3 * time.Minute, Acknowledged: new(time.Millisecond), Error: "late",
		Sinks: []episode.AtSink{{
			Sink: "search", Outcome: episode.Lost, From: map[int32]int64{0: 7}, Latency: new(time.Second),
			Duplicates: 1, SeenAfter: true, Order: episode.Reordered,
		}},
	}
}

func fullEpoch() episode.Epoch {
	return episode.Epoch{
		Key: "e1", Cluster: "local", Job: "orders", Began: start, PlanHash: "p", ConfigHash: "c",
		Changes:  []episode.Change{{What: "parallelism", From: "1", To: "2"}},
		Settings: map[string]string{"cluster state.backend.type": "0a1b2c3d"}, ScaleHash: "s", Rescaled: start,
		Parallelism: 2, TaskManagers: "2 x 1 GiB", FlinkVersion: "2.1.0",
	}
}

func decode(t *testing.T, answer string, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal([]byte(answer), v), answer)
}
