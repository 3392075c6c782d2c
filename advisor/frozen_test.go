package advisor

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// update writes the frozen files again: go test ./advisor -run TestFrozen -update.
var update = flag.Bool("update", false, "write the frozen files anew")

// everything is a bundle in which no field is empty.
func everything(t *testing.T) evidence.Bundle {
	wall := ofSample(t, "lookup", "WALL")
	wall.Name, wall.Vertex = "graph of enrich", "enrich"
	b := sample(t, "all")
	b.Episode, b.Cluster, b.Alert = "01JEXAMPLE", "lab", "checkpoint duration will pass 60 s in 22 min"
	b.Profiles = append(b.Profiles, wall, recorded(t, "flink-2.3.0-tm-ALLOC", "ALLOC"), recorded(t,
		"flink-2.3.0-tm-LOCK", "LOCK"))
	b.Vertices[1].Backpressured = new(0.25)
	b.Processes = []evidence.Process{{ID: "tm1", GC: new(0.12)}}
	b.Checkpoints = &evidence.Checkpoints{
		Interval: 10, Duration: new(9.0), Sync: new(0.6), Async: new(8.0),
		Alignment: new(1.5),
	}
	b.Trends = []evidence.Trend{
		{
			Signal: evidence.SignalHeapAfterGC, Subject: "tm1", Unit: "ratio", Now: 0.6, PerSecond: 1e-4,
			PerSecondLow: 9e-5, Breach: new(40 * time.Minute), Limit: new(0.9),
		},
		{
			Signal: evidence.SignalCheckpointSize, Unit: "bytes", Now: 4e7, PerSecond: 1e5, PerSecondLow: 9e4,
			Breach: new(2 * time.Hour), Limit: new(9e8),
		},
	}
	b.Metrics = []evidence.Metric{
		{Name: "throughput", Subject: "orders", Value: 514, Unit: "records/s"},
		{Name: "latency p99", Value: 0.25, Unit: "seconds"},
	}
	b.Config = map[string]string{
		"execution.checkpointing.interval": "10 s", "state.backend.type": "rocksdb",
		"s3.secret-key": "hunter2", "sink.bulk.max": "1",
	}
	b.Prior = []evidence.Prior{{
		When: time.Date(2026, 3, 4, 0, 0, 0, 0, time.UTC), Category: cause.JSONParsing,
		Title: "Reuse the mapper", Outcome: "applied: better, +12 %",
	}}
	return b
}

// The bytes of the prompt are frozen, because a change of them changes the advice and
// must be deliberate.
func TestFrozenPrompt(t *testing.T) {
	a, err := New(DefaultConfig(), slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	var prompt bytes.Buffer
	require.NoError(t, json.Indent(&prompt, a.Prompt(everything(t)), "", " "))
	frozen(t, "prompt.json", prompt.Bytes())
}

// The findings about every recorded profile are frozen too, without and with metrics.
func TestFrozenAdvice(t *testing.T) {
	files, err := filepath.Glob("testdata/*.collapsed.gz")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]any{"everything": Rules(everything(t)), "planted": Rules(sampleJob(t))}
	for _, run := range []string{"all", "kryo", "lookup", "fixed"} {
		all["sample "+run] = Rules(sample(t, run))
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".collapsed.gz")
		all[name] = Rules(evidence.Bundle{Profiles: []evidence.Profile{recorded(t, name,
			name[strings.LastIndex(name, "-")+1:])}})
	}
	text, err := json.MarshalIndent(all, "", " ")
	require.NoError(t, err)
	frozen(t, "advice.json", text)
}

// frozen compares with testdata/frozen/NAME.gz.
func frozen(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", "frozen", name+".gz")
	if *update {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o750))
		var packed bytes.Buffer
		w := gzip.NewWriter(&packed)
		_, err := w.Write(got)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		require.NoError(t, os.WriteFile(path, packed.Bytes(), 0o600))
	}
	file, err := os.Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	r, err := gzip.NewReader(file)
	require.NoError(t, err)
	want, err := io.ReadAll(r)
	require.NoError(t, err)
	require.Equal(t, string(want), string(got))
}
