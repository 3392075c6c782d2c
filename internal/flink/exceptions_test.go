package flink_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

func TestExceptions(t *testing.T) {
	for _, version := range []string{flinktest.Flink23, flinktest.Flink120} {
		server := flinktest.New(t, version)
		c, ctx := client(t, server.URL), t.Context()
		none, err := c.Exceptions(ctx, server.JobID, 20)
		require.NoError(t, err)
		require.Empty(t, none)

		server.Fail(flinktest.ProducerFenced)
		all, err := c.Exceptions(ctx, server.JobID, 20)
		require.NoError(t, err)
		require.Len(t, all, 10)
		first := all[9]
		require.Equal(t, "java.io.IOException", first.Name)
		require.Equal(t, "org.apache.kafka.common.errors.InvalidProducerEpochException", first.Class())
		require.Equal(t, "org.apache.kafka.common.errors.InvalidProducerEpochException: Producer attempted to "+
			"produce with an old epoch.", first.Cause(500))
		require.Equal(t, "tm2", first.TaskManager)
		require.Equal(t, "localhost:18142", first.Endpoint)
		require.Contains(t, first.Task, "(2/4) - execution #0")
		require.Equal(t, time.UnixMilli(1795373920185), first.At.Time())
		require.Equal(t, "org.apache.flink.runtime.jobmanager.scheduler.NoResourceAvailableException", all[0].Class())

		newest, err := c.Exceptions(ctx, server.JobID, 2)
		require.NoError(t, err)
		require.Equal(t, all[:2], newest)
	}
}

// TestConcurrentExceptions counts the exceptions that Flink attaches to a failure.
func TestConcurrentExceptions(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	server.Answer("/jobs/"+server.JobID+"/exceptions", 200, `{"exceptionHistory":{"entries":[
		{"exceptionName":"a.B","stacktrace":"a.B: one","timestamp":7,"concurrentExceptions":[{"exceptionName":"c.D","stacktrace":"c.D: two","timestamp":8}]}]}}`)
	all, err := client(t, server.URL).Exceptions(t.Context(), server.JobID, 20)
	require.NoError(t, err)
	require.Equal(t, []flink.Exception{
		{Name: "a.B", Trace: "a.B: one", At: 7},
		{Name: "c.D", Trace: "c.D: two", At: 8, Concurrent: true},
	}, all)
}

func TestExceptionClass(t *testing.T) {
	for want, e := range map[string]flink.Exception{
		"a.B$C":      {Name: "x.Y", Trace: "x.Y: no\nCaused by: a.B$C\n\t... 1 more"},
		"x.Outer":    {Name: "x.Outer", Trace: "Caused by: not a class: why\n"},
		"":           {Name: "<script>", Trace: strings.Repeat("a", 5000)},
		"x.NoTrace":  {Name: "x.NoTrace"},
		"größe.Über": {Trace: "größe.Über: voll"},
	} {
		require.Equal(t, want, e.Class())
	}
}

func TestCheckpointsOfBothVersions(t *testing.T) {
	for version, want := range map[string]flink.CompletedCheckpoint{
		flinktest.Flink23: {
			ID: 17, Trigger: 1795374521297, Acknowledged: 1795374521571, Duration: 274,
			CheckpointedBytes: 342529, StateBytes: 3356594, ProcessedBytes: 1744, Type: "CHECKPOINT",
		},
		flinktest.Flink120: {
			ID: 11, Trigger: 1795373482548, Acknowledged: 1795373492416, Duration: 9868,
			CheckpointedBytes: 3132500, StateBytes: 3132500, ProcessedBytes: 3732, Type: "CHECKPOINT",
		},
	} {
		server := flinktest.New(t, version)
		got, err := client(t, server.URL).Checkpoints(t.Context(), server.JobID)
		require.NoError(t, err)
		require.Equal(t, &want, got.Latest.Completed)
		require.Nil(t, got.Latest.Restored)
		p50, p99, most, known := got.Summary.Duration.Known()
		require.True(t, known)
		require.Positive(t, p50)
		require.Less(t, p50, p99)
		require.InDelta(t, p99, most, 0)
	}
}

func TestSpreadOfNothing(t *testing.T) {
	server := flinktest.New(t, flinktest.Flink23)
	server.Answer("/jobs/"+server.JobID+"/checkpoints", 200,
		`{"summary":{"end_to_end_duration":{"p50":"NaN","p99":"NaN","max":0}},"latest":{"completed":null,"failed":null,"restored":null}}`)
	got, err := client(t, server.URL).Checkpoints(t.Context(), server.JobID)
	require.NoError(t, err)
	_, _, _, known := got.Summary.Duration.Known()
	require.False(t, known)
}

func TestMillisOfSettings(t *testing.T) {
	s := flink.Settings{"plain": "10000", "exponent": "1e+06", "never": "9.223372036854776e+18", "text": "10 s"}
	for key, want := range map[string]time.Duration{
		"plain": 10 * time.Second, "exponent": 1000 * time.Second,
		"never": 1<<63 - 1,
	} {
		got, known := s.Millis(key)
		require.True(t, known)
		require.Equal(t, want, got)
	}
	for _, key := range []string{"text", "missing"} {
		_, known := s.Millis(key)
		require.False(t, known)
	}
}
