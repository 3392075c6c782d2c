package bundlefile_test

import (
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

const recorded = "../../../advisor/testdata/"

// full is a bundle with a value in every field.
func full(t testing.TB) evidence.Bundle {
	t.Helper()
	cpu := evidencetest.Recorded(t, recorded+"sample-all-ITIMER.collapsed.gz", "01JB/cpu profile.html", "ITIMER")
	cpu.Duration = 30*time.Second + 7*time.Nanosecond
	wall := evidencetest.Recorded(t, recorded+"sample-all-WALL.collapsed.gz", "wall", "WALL")
	wall.Vertex = "v2"
	return withProfiles(cpu, wall, cpu)
}

func withProfiles(profiles ...evidence.Profile) evidence.Bundle {
	return evidence.Bundle{
		Episode: "01JDXXJ5Y3C7Q2K4ZV0M9T8RNE", Cluster: "eu", Job: "orders", FlinkVersion: "2.3.0",
		Alert: "checkpoint duration will pass 60 s", Bottleneck: "v2", FreeSlots: new(3),
		Vertices: []evidence.Vertex{
			{ID: "v1", Name: "Source: orders", Parallelism: 2, Busy: new(0.31), Backpressured: new(0.64), Partitions: 4},
			{
				ID: "v2", Name: "enrich", Parallelism: 2, Busy: new(0.97), BusyMax: new(1.0),
				SubtasksOn: map[string]int{"tm1": 1, "tm2": 1}, MaxParallelism: 128, Keyed: new(true), HotRecords: new(1.25),
			},
		},
		Processes: []evidence.Process{{ID: "tm1", GC: new(0.21)}},
		Profiles:  profiles,
		Sinks:     []evidence.SinkRate{{Name: "Sink: out", Vertex: "v2", Subtasks: 2, Records: 800, Requests: 799}},
		Checkpoints: &evidence.Checkpoints{
			Interval: 10, Timeout: new(600.0), MinPause: new(1.0), Unaligned: new(true), Of: 10,
			Duration: new(9.5), DurationMax: new(12.5), Sync: new(1.1), SyncMax: new(1.2), Async: new(7.3),
			AsyncMax: new(8.3), Alignment: new(2.5), AlignmentMax: new(3.5), Written: new(1e6), WrittenMax: new(2e6),
			State: new(3e6), Completed: new(40), Failed: new(2), FailedInARow: new(1), LastFailure: "declined",
		},
		Exception: "java.io.IOException: no space left",
		Trends: []evidence.Trend{{
			Signal: evidence.SignalCheckpointDuration, Subject: "orders", AtLeast: true, Unit: "seconds", Now: 9.5, PerSecond: 0.1 / 3,
			PerSecondLow: 0.01, Breach: new(1321*time.Second + time.Nanosecond), Limit: new(60.0), Fired: true,
		}},
		Metrics: []evidence.Metric{{Name: "throughput of the sources", Subject: "all", Value: 100.0 / 3, Unit: "records/s"}},
		Config:  map[string]string{"state.backend.type": "rocksdb", "pipeline.object-reuse": "false"},
		Prior:   []evidence.Prior{{When: time.Unix(1796000000, 5).UTC(), Episode: "01JDXXJ5Y3C7Q2K4ZV0M9T8RNA", Category: "other", Title: "a", Outcome: "open"}},
		Sources: []evidence.Source{{
			Frame: "org.flinksidecar.sample.Enrich.map", File: "src/Enrich.java", Line: 7,
			Code: "String map(String s) {\n\treturn s; // \"<\u2028\n}",
		}},
		SourcesSearched: true,
		Warnings:        []string{"the settings are old"},
		Observations:    []string{"Compared with the epoch before: nothing."},
	}
}

var (
	once  sync.Once
	files bundlefile.Files
)

// packed are the files of the full bundle: do not change them.
func packed(t *testing.T) bundlefile.Files {
	t.Helper()
	once.Do(func() {
		var err error
		files, err = bundlefile.Pack(full(t))
		require.NoError(t, err)
	})
	return files
}

// TestAdviceIsReplayed: the advice of a bundle that was written and read has the same bytes.
func TestAdviceIsReplayed(t *testing.T) {
	original, files := full(t), packed(t)
	dir := filepath.Join(t.TempDir(), "a", "bundle")
	require.NoError(t, files.Write(dir))
	again, warnings, err := bundlefile.Read(dir)
	require.NoError(t, err)
	require.Empty(t, warnings)
	want := advisor.Rules(original)
	require.Greater(t, len(want.Findings), 5)
	require.Equal(t, encode(t, want), encode(t, advisor.Rules(again)))

	for i := range original.Profiles {
		original.Profiles[i].Stacks, again.Profiles[i].Stacks = nil, nil
	}
	require.Equal(t, original, again, "every field")
	repeated, err := bundlefile.Pack(full(t))
	require.NoError(t, err)
	require.Equal(t, files, repeated, "the same bundle has the same bytes")
	require.Equal(t, files.Hash(), repeated.Hash())
}

func encode(t *testing.T, v any) string {
	t.Helper()
	text, err := json.MarshalIndent(v, "", " ")
	require.NoError(t, err)
	return string(text)
}

func TestOnlyTheOwnerReadsABundle(t *testing.T) {
	files := packed(t)
	require.Len(t, files, 4, "three profiles, two of them with the same name")
	dir := filepath.Join(t.TempDir(), "bundle")
	require.NoError(t, files.Write(dir))
	require.NoError(t, filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		want := fs.FileMode(0o600)
		if entry.IsDir() {
			want = 0o700
		}
		require.Equal(t, want, info.Mode().Perm(), entry.Name())
		return nil
	}))
	entries, err := os.ReadDir(filepath.Dir(dir))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing unfinished stays")
}

func TestNothingIsReplaced(t *testing.T) {
	files, err := bundlefile.Pack(evidence.Bundle{Job: "orders"})
	require.NoError(t, err)
	dir := t.TempDir()
	require.NoError(t, files.Write(dir), "an empty directory is used")
	require.ErrorContains(t, files.Write(dir), "is not empty, and nothing is replaced (choose a directory")
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, []byte("x"), 0o600))
	require.ErrorContains(t, files.Write(file), "choose a directory that is new or empty")
	require.ErrorContains(t, bundlefile.Files{"../outside": nil}.Write(filepath.Join(t.TempDir(), "b")), "not a path")
}

// TestTheFullBundleIsFull: a field that is added to the bundle must be in it, or its way through
// a directory is not tested.
func TestTheFullBundleIsFull(t *testing.T) {
	set := map[string]bool{}
	b := full(t)
	note(reflect.ValueOf(b), set)
	require.Greater(t, len(set), 60)
	for field, isSet := range set {
		require.True(t, isSet, "%s is empty in the bundle of the tests: set it in full", field)
	}
}

// note records for each field whether it has a value somewhere.
func note(v reflect.Value, set map[string]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			note(v.Elem(), set)
		}
	case reflect.Slice:
		for i := range v.Len() {
			note(v.Index(i), set)
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i, field := range v.Fields() {
			name := v.Type().Name() + "." + v.Type().Field(i.Index[0]).Name
			set[name] = set[name] || !field.IsZero()
			note(field, set)
		}
	}
}
