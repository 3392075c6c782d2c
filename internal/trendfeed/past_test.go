package trendfeed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"path/filepath"
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func anHour() time.Duration { return time.Hour }

// TestARestartKeepsTheTrends polls a cluster, starts anew with the same history, and polls once
// more: the trends go on, also that of a process and that of a counter.
func TestARestartKeepsTheTrends(t *testing.T) {
	const polls = 14
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	now := time.Unix(1_800_000_000, 0)
	clock := func() time.Time { return now }
	server.SetNow(clock)
	store, err := history.Open(t.Context(), history.Config{Path: filepath.Join(t.TempDir(), "h.db")},
		slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	store.Now = clock
	cfg := flink.DefaultConfig()
	cfg.URL = server.URL
	client, err := flink.New(cfg)
	require.NoError(t, err)
	t.Cleanup(client.CloseIdleConnections)
	rules := alerts.DefaultConfig()
	rules.Settle, rules.Window = 0, model.Duration(time.Hour)

	start := func() (poll func(), trends *alerts.Trends) {
		c := collector.New(collector.DefaultConfig(), client, slog.New(slog.DiscardHandler))
		c.Now, c.Settle = clock, 0
		trends = alerts.NewTrends(rules, slog.New(slog.DiscardHandler))
		s := New(c, trends, slog.New(slog.DiscardHandler))
		s.Past = &Past{Store: store, Cluster: c.Name(), Window: anHour, Log: slog.New(slog.DiscardHandler)}
		s.Past.Replay(now, s.Reader, trends.Observe)
		c.OnPoll = s.Offer
		return func() {
			now = now.Add(15 * time.Second)
			require.NoError(t, c.Poll(t.Context()))
			trends.Tick(now)
		}, trends
	}
	poll, before := start()
	for range polls {
		poll()
	}
	poll, after := start()
	poll()
	samples := func(trends *alerts.Trends, rule string) int {
		for _, trend := range trends.All() {
			if trend.Rule == rule {
				return trend.Samples
			}
		}
		return 0
	}
	for _, rule := range []string{"headroom", "metaspace", "backpressure"} {
		require.Equal(t, polls, samples(before, rule), rule)
		require.Equal(t, polls+1, samples(after, rule), rule)
	}
	require.Positive(t, samples(after, "gc-share"), "the counters of the past count")

	now = now.Add(2 * time.Hour)
	_, late := start()
	late.Tick(now)
	require.Zero(t, samples(late, "headroom"), "a window has passed")
}

// brokenPages is a history that stores nothing.
type brokenPages struct{ pages [][]byte }

func (brokenPages) PutPage(string, time.Time, []byte, episode.Thinning) error {
	return errors.New("the disk is full")
}

func (b brokenPages) Pages(_ string, _ time.Time, each func(time.Time, []byte) error) error {
	for _, page := range b.pages {
		if err := each(time.Unix(1_800_000_000, 0), page); err != nil {
			return err
		}
	}
	return context.Canceled
}

func TestTheTrendsGoOnWithoutAPast(t *testing.T) {
	t.Parallel()
	page := recorded.Page{At: time.Unix(1_800_000_000, 0), Series: []signal.Series{
		{Name: "flink_job_headroom_ratio", Labels: map[string]string{"cluster": "c", "job": "orders"}, Value: 0.5},
	}}
	good, err := page.Encode()
	require.NoError(t, err)
	p := &Past{
		Store: brokenPages{[][]byte{[]byte("damaged"), good}}, Window: anHour, Log: slog.New(slog.DiscardHandler),
	}
	trends := alerts.NewTrends(alerts.DefaultConfig(), slog.New(slog.DiscardHandler))
	p.Replay(page.At, signal.NewReader(), trends.Observe)
	require.Len(t, trends.All(), 1, "the good page counts")
	require.Equal(t, snapshot.Signal("headroom"), trends.All()[0].Signal)
	p.note(page)

	var none *Past
	none.note(page)
	none.Replay(page.At, nil, nil)
}

// keptPages remembers for how long the pages are kept.
type keptPages struct{ kept []time.Duration }

func (k *keptPages) PutPage(_ string, _ time.Time, _ []byte, keep episode.Thinning) error {
	k.kept = append(k.kept, keep.Whole)
	return nil
}

func (*keptPages) Pages(string, time.Time, func(time.Time, []byte) error) error { return nil }

// TestAReloadToLongerWindowsKeepsMorePages reloads between two pages.
func TestAReloadToLongerWindowsKeepsMorePages(t *testing.T) {
	t.Parallel()
	rules := alerts.DefaultConfig()
	rules.Window = model.Duration(time.Hour)
	trends, store := alerts.NewTrends(rules, slog.New(slog.DiscardHandler)), &keptPages{}
	p := &Past{Store: store, Cluster: "c", Window: trends.LongestWindow, Log: slog.New(slog.DiscardHandler)}
	page := recorded.Page{At: time.Unix(1_800_000_000, 0)}
	p.note(page)
	rules.Window = model.Duration(4 * time.Hour)
	trends.Reload(rules)
	page.At = page.At.Add(30 * time.Second)
	p.note(page)
	require.Len(t, store.kept, 1, "a page each minute is enough now")
	page.At = page.At.Add(30 * time.Second)
	p.note(page)
	require.Equal(t, []time.Duration{time.Hour, 4 * time.Hour}, store.kept)
}

func TestDocHasTheBoundsOfThePast(t *testing.T) {
	text := documenttest.Text(t, "../../docs/configuration.md")
	require.Contains(t, text, fmt.Sprintf(
		"up to %d snapshots of the metrics of each cluster from the longest window, of at most %d KiB each",
		pagesPerWindow, kinds.MaxPage>>10))
	require.Contains(t, text, fmt.Sprintf("Of the %d days before, it keeps one in 1, 2, 5 or %.0f minutes",
		int(alerts.Earlier.Hours()/24), alerts.EarlierStep.Minutes()))
	require.Contains(t, text, fmt.Sprintf("takes about %d MiB a day for each cluster, or with the largest snapshots %d MiB",
		pagesPerDay>>20, int(24*time.Hour/alerts.EarlierStep)*kinds.MaxPage>>20))
}

func TestLargePagesAreFewer(t *testing.T) {
	t.Parallel()
	for size, step := range map[int]time.Duration{
		0: time.Minute, 4 << 10: time.Minute, 5 << 10: 2 * time.Minute, 20 << 10: 5 * time.Minute,
		22 << 10: 15 * time.Minute, kinds.MaxPage: 15 * time.Minute,
	} {
		require.Equal(t, episode.Thinning{Whole: time.Hour, Past: 73 * time.Hour, Step: step}, thinning(time.Hour, size), size)
	}
}

// TestEarlierDaysSurviveARestart has a day with a steep morning in the history. A sidecar that starts
// early on the next day knows it, and is quiet. One that forgot it is not.
func TestEarlierDaysSurviveARestart(t *testing.T) {
	t.Parallel()
	began := time.Unix(1_800_000_000, 0).Truncate(24 * time.Hour)
	steep := func(at time.Time) recorded.Page {
		hour := math.Mod(at.Sub(began).Hours(), 24)
		rise := min(max((hour-8)/2, 0), 1) - min(max((hour-18)/2, 0), 1)
		labels := map[string]string{"cluster": "c", "job": "orders", "job_id": "j", "epoch": "e"}
		return recorded.Page{At: at, Series: []signal.Series{
			{Name: "flink_job_info", Labels: labels, Value: 1},
			{Name: "flink_job_restarts_total", Labels: labels, Value: 0},
			{Name: "flink_job_last_checkpoint_state_size_bytes", Labels: labels, Value: (2 + 6*rise) * (1 << 30)},
		}}
	}
	now := began
	store, err := history.Open(t.Context(), history.Config{Path: filepath.Join(t.TempDir(), "h.db")},
		slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	store.Now = func() time.Time { return now }
	window := func() time.Duration { return 2 * time.Hour }
	past := &Past{Store: store, Cluster: "c", Window: window, Log: slog.New(slog.DiscardHandler)}
	for ; now.Before(began.Add(31 * time.Hour)); now = now.Add(5 * time.Minute) {
		past.note(steep(now))
	}
	morning := func(of *Past) (fired []string) {
		trends, reader := alerts.NewTrends(alerts.DefaultConfig(), slog.New(slog.DiscardHandler)), signal.NewReader()
		of.Replay(now, reader, trends.Observe)
		for at := now; at.Before(began.Add(35 * time.Hour)); at = at.Add(time.Minute) {
			page := steep(at)
			for _, o := range reader.Read(at, page.Series) {
				trends.Observe(o)
			}
			for _, alert := range trends.Tick(at) {
				fired = append(fired, alert.Rule)
			}
		}
		return fired
	}
	require.Empty(t, morning(past))
	require.Contains(t, morning(nil), "checkpoint-size")
}
