package collect

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// heldTrees maps the hash of a page to its profile.
type heldTrees map[string]*flame.Tree

func (h heldTrees) Tree(hash string) (*flame.Tree, error) {
	if tree, held := h[hash]; held {
		return tree, nil
	}
	return nil, pagestore.ErrMissing
}

// TestChanges has a job with a new version of its JSON code, and a control process with
// typical load.
func TestChanges(t *testing.T) {
	cfg := history.DefaultConfig()
	cfg.Path = filepath.Join(t.TempDir(), "history.db")
	store, err := history.Open(t.Context(), cfg, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	kept := heldTrees{}
	profile := func(hash string, samples map[string]int64) episode.Profile {
		tree := flame.New()
		for frame, n := range samples {
			tree.Add([]string{"java/lang/Thread.run", "org/apache/flink/runtime/taskmanager/Task.run", frame}, n)
		}
		tree.Add([]string{"CompileBroker::compiler_thread_loop()"}, int64(len(hash))*100) // not a task thread, so Changes ignores it
		kept[hash] = tree
		return episode.Profile{
			ID: "of " + hash, Mode: "ITIMER", Process: "tm1", Hash: hash, Grade: "good",
			Samples: 1000, Duration: time.Minute,
		}
	}
	before := profile("before", map[string]int64{"com/acme/Trees.read": 600, "com/acme/Join.match": 400})
	now := profile("now", map[string]int64{"com/acme/Stream.read\x1b[31m": 200, "com/acme/Join.match": 800})
	control := profile("control", map[string]int64{"com/acme/Stream.read\x1b[31m": 50, "com/acme/Join.match": 200})
	control.Role = episode.Control
	ep := func(n int, epoch string, profiles ...episode.Profile) episode.Episode {
		return episode.Episode{
			ID: fmt.Sprintf("01KBRSV6J0%016d", n), State: episode.Done, Opened: time.Unix(1795374520, 0),
			EpochKey: epoch, Profiles: profiles,
			Alert:  episode.Alert{Rule: "lag", Job: "orders", Cluster: "eu"},
			Target: &episode.Target{Vertex: "v", Process: "tm1"},
		}
	}
	require.NoError(t, store.PutEpisode(ep(1, "one", before)))
	g := New(Options{Episodes: store, Trees: kept, Log: slog.New(slog.DiscardHandler)})

	second := ep(2, "two", now, control)
	require.Equal(t, []string{
		"Compared with tm1 (typical load): 1.0 times the processor time; none of 4 frames of its tasks differs " +
			"by more than chance (sidecar profile diff --control --episode=" + second.ID + ").",
		"Compared with the epoch before: 1.0 times the processor time; changes beyond chance in its tasks: " +
			"com/acme/Trees.read is gone (base profile: 60.0 %); com/acme/Join.match has 80.0 % of the " +
			"samples (base profile: 40.0 %); " +
			"com/acme/Stream.read\ufffd[31m is new with 20.0 % (sidecar profile diff --episode=" + second.ID + ").",
	}, g.Changes(second))

	require.Empty(t, g.Changes(ep(2, "one", now)), "the same epoch")
	require.Empty(t, g.Changes(ep(2, "two")), "no profile")
	bad := now
	bad.Grade = "bad"
	require.Empty(t, g.Changes(ep(2, "two", bad)))
}

func TestChangesNamesTheLargest(t *testing.T) {
	before, after := flame.New(), flame.New()
	for i := range 5 {
		before.Add([]string{fmt.Sprintf("a/B.m%d", i)}, 1000)
		after.Add([]string{fmt.Sprintf("a/C.m%d", i)}, 900+int64(i))
	}
	document, err := report.CompareAtWork(report.Profile{Tree: before, Mode: flame.ITIMER},
		report.Profile{Tree: after, Mode: flame.ITIMER}, flame.Normal)
	require.NoError(t, err)
	require.Regexp(t, `^changes beyond chance in its tasks: [^;]+; [^;]+; [^;]+; \d more$`, beyondChance(document.Frames))
}

// TestChangesOfTotals: no self value changed, so the sentence uses the total values.
func TestChangesOfTotals(t *testing.T) {
	shift := func(v flame.Verdict) flame.Shift {
		return flame.Shift{BasePercent: 1, NewPercent: 2, Points: 1, Verdict: v}
	}
	require.Equal(t, "changes beyond chance in its tasks: a/B.c has 2.0 % of the samples (base profile: 1.0 %)",
		beyondChance([]flame.Change{
			{Name: "a/B.d", Self: shift(flame.Unchanged), Total: shift(flame.Unchanged)},
			{Name: "a/B.c", Self: shift(flame.Unchanged), Total: shift(flame.Grown)},
		}))
}
