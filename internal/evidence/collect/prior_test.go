package collect

import (
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// earlierOnes is a history, newest first.
type earlierOnes []episode.Episode

func (e earlierOnes) Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error) {
	if of.Job != "orders" || before != "now" || limit < 20 {
		return nil, errors.New("other episodes are asked for")
	}
	return e, nil
}

func judged(n int, epoch string, rate float64, findings ...episode.Finding) episode.Episode {
	ep := episode.Episode{
		ID: fmt.Sprintf("e%d", n), Opened: time.Unix(int64(n), 0), EpochKey: epoch,
		Advice: &episode.Advice{Findings: findings},
	}
	if rate > 0 {
		ep.Measurement = &episode.Measurement{Throughput: &rate}
	}
	return ep
}

func ranked(rank int, category string) episode.Finding {
	return episode.Finding{Rank: rank, Category: category, Title: category + " of " + fmt.Sprint(rank), Source: "rule:x"}
}

// TestEarlierAdvice: each kind once with its last occurrence, and what became of it.
func TestEarlierAdvice(t *testing.T) {
	now := judged(9, "new", 150)
	now.ID, now.Alert.Job = "now", "orders"
	g := New(Options{Log: slog.New(slog.DiscardHandler), Episodes: earlierOnes{
		judged(5, "new", 140, ranked(1, "json-parsing"), ranked(4, "regex-per-record")),
		{ID: "e4", EpochKey: "new"},
		judged(3, "old", 120, ranked(1, "json-parsing"), ranked(2, "other")),
		judged(2, "old", 0, ranked(1, "blocking-io")),
		judged(1, "", 1, ranked(1, "hot-key")),
	}})
	found, err := g.prior(now)
	require.NoError(t, err)
	require.Equal(t, []evidence.Prior{
		{When: time.Unix(1, 0), Episode: "e1", Category: "hot-key", Title: "hot-key of 1", Outcome: "unknown"},
		{
			When: time.Unix(2, 0), Episode: "e2", Category: "blocking-io", Title: "blocking-io of 1",
			Outcome: "the job has changed since; its throughput was not measured before and after",
		},
		{
			When: time.Unix(3, 0), Episode: "e3", Category: "other", Title: "other of 2",
			Outcome: "the job has changed since; its throughput was 120 records/s and is 150 records/s (+25 %)",
		},
		{
			When: time.Unix(5, 0), Episode: "e5", Category: "json-parsing", Title: "json-parsing of 1",
			Outcome: "open: the job has not changed since",
		},
	}, found)
}

func TestNotTooMuchEarlierAdvice(t *testing.T) {
	var all earlierOnes
	for i := range 30 {
		all = append(all, judged(i, "x", 0, ranked(1, fmt.Sprintf("category-%d", i))))
	}
	now := episode.Episode{ID: "now", Alert: episode.Alert{Job: "orders"}}
	found, err := New(Options{Log: slog.New(slog.DiscardHandler), Episodes: all}).prior(now)
	require.NoError(t, err)
	require.Len(t, found, mostPrior)
	require.Equal(t, "category-0", found[mostPrior-1].Category, "the newest are kept")
}

// TestMarksReplaceOpen: what people said of a recommendation comes before what the job tells.
func TestMarksReplaceOpen(t *testing.T) {
	now := judged(9, "new", 150)
	now.ID, now.Alert.Job = "now", "orders"
	said := func(n int, epoch string, rate float64, decision episode.Decision, note string) episode.Episode {
		f := ranked(1, fmt.Sprintf("cause-%d", n))
		f.ID = fmt.Sprintf("e%d-F1", n)
		ep := judged(n, epoch, rate, f)
		ep.Marks = []episode.Mark{
			{Finding: "other", Decision: episode.Rejected, Note: "of another finding"},
			{Finding: f.ID, Decision: decision, At: time.Date(2026, 3, n, 23, 0, 0, 0, time.UTC), Note: note},
		}
		return ep
	}
	g := New(Options{Log: slog.New(slog.DiscardHandler), Episodes: earlierOnes{
		said(5, "new", 140, episode.Rejected, "the library needs Kryo"),
		said(4, "new", 140, episode.Applied, ""),
		said(3, "old", 120, episode.Applied, "with a schema"),
		said(2, "", 1, episode.Applied, ""),
	}})
	found, err := g.prior(now)
	require.NoError(t, err)
	var outcomes []string
	for _, p := range found {
		outcomes = append(outcomes, p.Outcome)
	}
	require.Equal(t, []string{
		"applied on 2026-03-02",
		"applied on 2026-03-03; the job has changed since; its throughput was 120 records/s and is 150 records/s " +
			"(+25 %); note: with a schema",
		"applied on 2026-03-04; the job has not changed since",
		"rejected on 2026-03-05; note: the library needs Kryo",
	}, outcomes)
}
