//go:build soak

package app

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/trouble"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// soakDays is the variable that makes the soak longer, soakKeep the one that keeps its figures in testdata.
const (
	soakDays = "SIDECAR_SOAK_DAYS"
	soakKeep = "SIDECAR_SOAK_KEEP"
)

// soak is a sidecar whose clock the test moves: everything but the waiting is real.
type soak struct {
	*testing.T

	app   *App
	flink *flinktest.Server
	clock atomic.Int64 // Unix time in seconds
	hours int
}

func (s *soak) now() time.Time { return time.Unix(s.clock.Load(), 0) }

// newSoak starts what works on polls and alerts. Measurements are kept for a day.
func newSoak(t *testing.T) *soak {
	t.Helper()
	s := &soak{T: t, flink: flinktest.New(t, flinktest.Flink23)}
	s.clock.Store(1_800_000_000)
	s.flink.SetNow(s.now)
	cfg := load(t, "flink: {url: '"+s.flink.URL+"', cluster: prod}\nprofiling: {cooldown: 0s}\n")
	cfg.History.Retention, cfg.Profiling.Keep = 24*3600e9, 24*3600e9
	var err error
	s.app, err = New(t.Context(), cfg, Options{}, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	s.app.store.Now, s.app.loop.Now, s.app.clusters[0].Now, s.app.retention.Now = s.now, s.now, s.now, s.now
	s.app.clusters[0].Settle = 0
	ctx, cancel := context.WithCancel(t.Context())
	trends := make(chan error, 1)
	go func() { trends <- s.app.trends.Run(ctx, s.app.router) }()
	stop := runLoop(t, s.app)
	t.Cleanup(func() {
		cancel()
		require.NoError(t, <-trends)
		stop()
		require.NoError(t, s.app.Close())
	})
	return s
}

// pollEvery is the time between two polls, in seconds: the history keeps a sample of each signal of each.
const pollEvery = 30

// hour is one hour: a poll each half minute, a measurement and two synthetic
// records a minute, an episode, the page of a profile, and what the sidecar removes from time to time.
func (s *soak) hour() {
	s.Helper()
	began := s.now()
	for range 3600 / pollEvery {
		s.clock.Add(pollEvery)
		require.NoError(s, s.app.clusters[0].Poll(s.Context()))
	}
	_, err := testutil.GatherAndCount(s.app.registry)
	require.NoError(s, err)
	var measurements []episode.Measurement
	var records []episode.ProbeRecord
	for minute := range 60 {
		at := began.Add(time.Duration(minute) * time.Minute)
		measurements = append(measurements, episode.Measurement{
			ID: ulid.MustNewDefault(at).String(), Kind: episode.KindWindow, Cluster: "prod", Job: flinktest.JobName,
			Began: at, Ended: at.Add(time.Minute), Throughput: new(1000.0),
		})
		round := ulid.MustNewDefault(at).String()
		for i := range 2 {
			records = append(records, episode.ProbeRecord{
				Seed: fmt.Sprintf("fsp-%s-%d", round, i), Round: round, Key: "k", Intended: at, OnTimeWithin: time.Minute,
				Cutoff: 3 * time.Minute, Sinks: []episode.AtSink{{Sink: "out", Outcome: episode.Pending}},
			})
		}
	}
	require.NoError(s, s.app.store.PutMeasurement(measurements...))
	require.NoError(s, s.app.store.Probes().Put(records))
	for i := range records {
		records[i].Sinks[0].Outcome = episode.OnTime
	}
	require.NoError(s, s.app.store.Probes().Put(records))
	s.hours++
	receipt, err := s.app.loop.Submit(episode.Alert{
		Rule: string(trouble.RestartLoop), Source: episode.FromTrouble, Cluster: "prod", Job: flinktest.JobName,
		Vertex: strconv.Itoa(s.hours), StartsAt: s.now(), Fingerprint: strconv.Itoa(s.hours),
	})
	require.NoError(s, err)
	require.Eventually(s, func() bool {
		ep, _, err := s.app.store.Episode(receipt.Episode)
		return err == nil && ep.State == episode.Done
	}, time.Minute, time.Millisecond, receipt.Reason)
	s.app.troubles.look(s.now())
	s.app.troubles.watch.TakeNews()
	_, err = s.app.store.Sweep(s.Context())
	require.NoError(s, err)
	s.page()
}

// page keeps the page of a profile as it was taken now, and removes what is too old.
func (s *soak) page() {
	s.Helper()
	page := fmt.Appendf(nil, "<html>%d%s</html>", s.hours, strings.Repeat("frame", 20_000))
	require.NoError(s, s.app.pages.Put(page))
	path := filepath.Join(s.app.pages.Dir, pagestore.HashOf(page)+".html.gz")
	require.NoError(s, os.Chtimes(path, s.now(), s.now()))
	require.NoError(s, s.app.retention.Sweep())
}

func (s *soak) days(n int) {
	s.Helper()
	for range 24 * n {
		s.hour()
	}
}

func (s *soak) measure() footprint {
	s.Helper()
	s.app.clusters[0].Flink.CloseIdleConnections()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	fds, err := os.ReadDir("/proc/self/fd")
	require.NoError(s, err)
	info, err := os.Stat(s.app.store.Path())
	require.NoError(s, err)
	f := footprint{
		Goroutines: runtime.NumGoroutine(), Descriptors: len(fds), Heap: int64(m.HeapInuse), File: info.Size(),
	}
	for before := ""; ; {
		page, err := s.app.store.Measurements(episode.JobRef{}, before, time.Time{}, time.Time{}, history.MaxLimit)
		require.NoError(s, err)
		if f.Measurements += len(page); len(page) < history.MaxLimit {
			break
		}
		before = page[len(page)-1].ID
	}
	all, err := s.app.store.Episodes(episode.JobRef{}, "", history.MaxLimit)
	require.NoError(s, err)
	f.Episodes = len(all)
	pages, err := os.ReadDir(s.app.pages.Dir)
	require.NoError(s, err)
	f.Pages = len(pages)
	return f
}

// steady is after how many days the retention drops as much as comes.
const steady = 5

// TestSoak lives through a week, or what the variable says. What the sidecar takes after the
// first days it still takes at the end. It takes minutes, so it has a build tag.
func TestSoak(t *testing.T) { // not parallel: goroutines and descriptors are those of the process
	days := 7
	if text := os.Getenv(soakDays); text != "" {
		var err error
		days, err = strconv.Atoi(text)
		require.NoError(t, err)
	}
	s := newSoak(t)
	s.days(steady)
	first := s.measure()
	s.days(days - steady)
	last := s.measure()
	t.Logf("after %d days: %+v", steady, first)
	t.Logf("after %d days: %+v", days, last)
	if os.Getenv(soakKeep) != "" {
		text, err := json.MarshalIndent(soakFigures{
			Date: time.Now().UTC().Format(time.DateOnly), Steady: steady, Days: days, First: first, Last: last,
		}, "", "  ")
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(soakFile, append(text, '\n'), 0o600))
	}
	require.InDelta(t, 24*60, last.Measurements, 61, "a day of measurements stays")
	require.InDelta(t, 4*24, last.Episodes, 2, "episodes stay four times as long")
	require.InDelta(t, 24, last.Pages, 1, "a day of pages stays")
	require.LessOrEqual(t, last.Goroutines, first.Goroutines+4)
	require.LessOrEqual(t, last.Descriptors, first.Descriptors+4)
	require.LessOrEqual(t, last.File, first.File+first.File/10)
	require.LessOrEqual(t, last.Heap, first.Heap+first.Heap/4)
	require.NoError(t, s.app.store.Probes().Verify())

	copied := filepath.Join(t.TempDir(), "copy.db")
	_, err := history.WriteBackup(copied, s.app.store.Backup)
	require.NoError(t, err)
	before, after, err := history.Compact(t.Context(), copied, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	t.Logf("compaction: %d bytes, before %d", after, before)
	require.LessOrEqual(t, after, before)
}
