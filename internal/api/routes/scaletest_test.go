package routes_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// liveFunc is a function as what takes the progress of a scale test.
type liveFunc func(api.ScaleProgress) error

func (f liveFunc) Report(p api.ScaleProgress) error { return f(p) }

// shardsFunc is a function as what brings shards together.
type shardsFunc func(scalerun.Shard) (scalerun.Group, error)

func (f shardsFunc) Report(s scalerun.Shard) (scalerun.Group, error) { return f(s) }

func fullShard() scalerun.Shard {
	v, test := 1.5, fullScaleTest(1)
	histogram := scalerun.Histogram{HDR: "abc", Count: 1, SumSeconds: 1, Min: 1, Max: 1}
	return scalerun.Shard{
		Member: idAt(1), Shards: 4, Shard: 1, Cluster: "prod", Job: "orders", Label: "baseline", Load: "10 records",
		Begun: &test, Ready: 2, Took: 1, ProfilesTaken: true, Ended: true, Error: "why", Profiled: test.Profiled,
		Warnings: []string{"a warning"}, Slice: &scalerun.Slice{
			Round: 2, Calibration: true,
			Iteration: test.Iterations[0], Arrived: 1, FirstSent: &v, LastAcknowledged: &v, Delays: histogram,
			Sinks: map[string]scalerun.SliceSink{"search": {LastSeen: &v, Latencies: histogram}},
		},
	}
}

func fullGroup() scalerun.Group {
	v, test := 1.5, fullScaleTest(1)
	return scalerun.Group{
		Test: idAt(1), BeginsInSeconds: &v, Missing: []int{2}, Failed: "why", Merged: &test,
		Measured: &test.Iterations[0], ProfilesTaken: true,
	}
}

func TestScaleShards(t *testing.T) {
	var got []scalerun.Shard
	s := newSidecar(t, func(s *routes.Sources) {
		s.ScaleShards = shardsFunc(func(shard scalerun.Shard) (scalerun.Group, error) {
			got = append(got, shard)
			return fullGroup(), nil
		})
	})
	group, err := s.client.ReportScaleShard(t.Context(), fullShard())
	require.NoError(t, err)
	require.Equal(t, fullGroup(), group)
	require.Equal(t, []scalerun.Shard{fullShard()}, got)
	bad := fullShard()
	bad.Error = strings.Repeat("x", api.MaxText+1)
	_, err = s.client.ReportScaleShard(t.Context(), bad)
	require.ErrorContains(t, err, "shorten it")
	_, err = newSidecar(t, nil).client.ReportScaleShard(t.Context(), fullShard())
	require.ErrorContains(t, err, "keeps no scale tests")
}

// fullScaleTest has something in every field.
func fullScaleTest(n int) scalerun.Test {
	v, count := 1.5, 2
	latency := scalerun.Latency{Min: &v, Mean: &v, P50: &v, P90: &v, P99: &v, Max: &v}
	return scalerun.Test{
		ID: idAt(n), Run: "run", Label: "baseline", Baseline: true, OpensRun: true, Cluster: "prod", Job: "orders",
		Deployment: "a1", EpochKey: "e", Began: start, Ended: start.Add(time.Minute), Rate: 100, Shape: "steady",
		PayloadSeed: 7, Verdict: scalerun.Void, Reason: "why", Environment: map[string]string{"partitions": "4"},
		Iterations: []scalerun.Iteration{{
			Iteration: 1, Seed: "fsp-x", Started: start, WarmUp: true, Intended: 9, Sent: 6, NotSent: 2, ProduceFailed: 1,
			Lost: 1, Duplicates: 1, Reordered: 1, ToKafkaSeconds: &v, ToAllSinksSeconds: &v, Throughput: &v,
			SlowestSink: "search", PublishDelay: scalerun.Delay{P50: &v, P99: &v, Max: &v},
			Sinks: map[string]scalerun.Sink{"search": {
				Seen: 5, Lost: 1, Duplicates: 1, Reordered: 1, ToAllSeconds: &v, Throughput: &v, Latency: latency,
				Stamps: &latency, Ingested: &latency, Indexed: &latency,
				ClockOffset: &scalerun.ClockOffset{Low: -0.1, High: 0.1},
			}},
			PayloadBytes: 100, CPUPerMillion: &v, Checkpoints: &count, Flags: []string{"lost"}, Notes: []string{"note"},
		}},
		Throughput: scalerun.Throughput{Value: &v, Low: &v, High: &v},
		Sustainable: &scalerun.Sustainable{
			Rate: &v, Verdict: scalerun.Sustained, Reason: "why", Headroom: &v, Trials: []scalerun.Trial{{
				Rate: 1, Verdict: scalerun.Undecided, Reason: "why", SentRate: &v, Growth: &v, GrowthLow: &v,
				GrowthHigh: &v, Seconds: 1,
			}},
		},
		Warnings: []string{"warning"}, Imported: &scalerun.Import{Deployment: 1, Paired: true},
		Profiled: &scalerun.Profiled{
			Episode: idAt(1), Profiles: []string{idAt(2)}, Modes: []string{"ITIMER"}, Iteration: 1, Measured: true, Cost: &v,
		},
	}
}

func fullScaleProgress() api.ScaleProgress {
	v := 1.5
	return api.ScaleProgress{
		Test: idAt(1), Cluster: "prod", Job: "orders", Run: "run", Label: "baseline", Iteration: 1, Iterations: 5,
		Doing: "warming up", Intended: 10, Sent: 9, Acknowledged: 8,
		Visible: []api.SeenAtSink{{Sink: "search", Records: 7}}, LatencySeconds: &v, LeftSeconds: &v, Throughput: &v,
		SustainableRate: &v, Headroom: &v, Ended: true,
	}
}

func TestScaleTestsOverTheAPI(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.ScaleTests = s.Episodes.(routes.ScaleTests) })
	for n := range 3 {
		require.NoError(t, s.client.PutScaleTest(t.Context(), fullScaleTest(n)))
	}
	list, err := s.client.ScaleTests(t.Context(), episode.JobRef{Job: "orders"}, "", 2)
	require.NoError(t, err)
	require.Equal(t, []scalerun.Test{fullScaleTest(2), fullScaleTest(1)}, list.ScaleTests)
	list, err = s.client.ScaleTests(t.Context(), episode.JobRef{Job: "orders"}, list.Next, 2)
	require.NoError(t, err)
	require.Equal(t, []scalerun.Test{fullScaleTest(0)}, list.ScaleTests)
	later := fullScaleTest(3)
	later.Began = start.Add(3 * time.Minute)
	require.NoError(t, s.client.PutScaleTest(t.Context(), later))
	list, err = s.client.ScaleTestsOf(t.Context(), api.ScaleTestQuery{Run: "run", From: start.Add(time.Minute)})
	require.NoError(t, err)
	require.Equal(t, []scalerun.Test{later}, list.ScaleTests)
	list, err = s.client.ScaleTestsOf(t.Context(), api.ScaleTestQuery{From: start, To: start.Add(2 * time.Minute)})
	require.NoError(t, err)
	require.Equal(t, []scalerun.Test{fullScaleTest(1), fullScaleTest(0)}, list.ScaleTests)
}

func TestScaleTestThatIsRefused(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) { s.ScaleTests = s.Episodes.(routes.ScaleTests) })
	for name, change := range map[string]func(*scalerun.Test){
		"not an id": func(t *scalerun.Test) { t.ID = "x" },
		"needed":    func(t *scalerun.Test) { t.Run = "" },
		"verdict":   func(t *scalerun.Test) { t.Verdict = "fine" },
		"future":    func(t *scalerun.Test) { t.ID = "7ZZZZZZZZZ0000000000000000" },
	} {
		test := fullScaleTest(1)
		change(&test)
		err := s.client.PutScaleTest(t.Context(), test)
		var failure *api.Error
		require.ErrorAs(t, err, &failure, name)
		require.Equal(t, http.StatusBadRequest, failure.Status, name)
		require.Contains(t, failure.Message, name)
	}
}

func TestProgressOfASecondScaleTestIsRefused(t *testing.T) {
	s := newSidecar(t, func(s *routes.Sources) {
		s.LiveScaleTest = liveFunc(func(api.ScaleProgress) error {
			return &api.Error{Status: http.StatusConflict, Message: "another scale test is under way (wait for its end)"}
		})
	})
	err := s.client.ReportScaleTest(t.Context(), fullScaleProgress())
	var failure *api.Error
	require.ErrorAs(t, err, &failure)
	require.Equal(t, http.StatusConflict, failure.Status)
}
