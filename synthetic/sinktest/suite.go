package sinktest

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// Run checks a kind of sink. start makes a fixture within a bubble and ends it with
// t.Cleanup.
func Run(t *testing.T, start func(*testing.T) Fixture) {
	for _, tc := range []struct {
		name string
		test func(b *bench)
	}{
		{"latencies are exact", latencies},
		{"a late record", lateRecord},
		{"a lost record that arrives later", lostRecord},
		{"a duplicate", duplicate},
		{"a missing topic or index is not watched", missing},
		{"an outage of the server", outage},
		{"a killed process", killed},
		{"New closes what it opened", failedNew},
	} {
		t.Run(tc.name, func(t *testing.T) { inBubble(t, start, tc.test) })
	}
}

func latencies(b *bench) {
	b.start()
	for _, delay := range []time.Duration{50 * time.Millisecond, time.Second, 30 * time.Second} {
		b.after(delay)
		m := b.round()
		require.Empty(b.t, m.Warnings)
		hop := m.Hops[len(m.Hops)-1]
		require.InDelta(b.t, delay.Seconds(), hop.P50, b.fixture.Error.Seconds(), hop.Name)
	}
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.OnTime: 3}, b.outcomes())
	require.Empty(b.t, b.target().Problems)
	require.True(b.t, *b.target().Up)
}

func lateRecord(b *bench) {
	b.start()
	b.after(70 * time.Second)
	b.round()
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.Late: 1}, b.outcomes())
}

func lostRecord(b *bench) {
	b.start()
	b.after(200 * time.Second)
	b.round()
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.Lost: 1}, b.outcomes())
	time.Sleep(30 * time.Second)
	require.EqualValues(b.t, 1, b.history.Account(b.t, b.fixture.Spec().Name).SeenAfterLost)
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.Lost: 1}, b.outcomes(), "lost is final")
}

// duplicate sends two records, because a sink may stop looking when it has seen all.
func duplicate(b *bench) {
	b.start()
	b.source.set(func(seed string) {
		if strings.HasSuffix(seed, "-0") {
			time.AfterFunc(5*time.Second, func() {
				b.fixture.Write(seed)
				b.fixture.Write(seed)
			})
			return
		}
		time.AfterFunc(8*time.Second, func() { b.fixture.Write(seed) })
	})
	_, err := b.prober.Round(b.t.Context(), 2)
	require.NoError(b.t, err)
	require.EqualValues(b.t, 1, b.history.Account(b.t, b.fixture.Spec().Name).Duplicates)
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.OnTime: 2}, b.outcomes())
}

func missing(b *bench) {
	b.fixture.Remove()
	b.start()
	m := b.round()
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.NotSent: 1}, b.outcomes(), "lost would be a guess")
	require.Len(b.t, m.Warnings, 1)
	require.Regexp(b.t, `does not exist.*\(create it, or correct sinks\[name=`, m.Warnings[0])
	require.False(b.t, *b.target().Up)

	b.fixture.Create()
	time.Sleep(time.Minute)
	b.after(time.Second)
	b.round()
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.NotSent: 1, episode.OnTime: 1}, b.outcomes())
	require.Empty(b.t, b.target().Problems)
}

func outage(b *bench) {
	b.start()
	b.after(20 * time.Second)
	time.AfterFunc(10*time.Second, b.fixture.Cut)
	time.AfterFunc(30*time.Second, b.fixture.Mend)
	b.round()
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.OnTime: 1}, b.outcomes())
	time.Sleep(10 * time.Second)
	require.Empty(b.t, b.target().Problems)
}

func killed(b *bench) {
	b.start()
	b.after(5 * time.Second)
	go func() { _, _ = b.prober.Round(b.t.Context(), 1) }() // it ends with the prober
	time.Sleep(time.Second)
	b.kill()
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.Pending: 1}, b.outcomes())
	time.Sleep(10 * time.Second)
	b.start()
	time.Sleep(10 * time.Second)
	require.Equal(b.t, map[episode.RecordOutcome]int64{episode.OnTime: 1}, b.outcomes(), "found by the next process")
}

// failedNew has a second sink that can't be opened. Remaining goroutines fail the
// bubble.
func failedNew(b *bench) {
	broken := errors.New("no such certificate")
	_, err := b.open(synthetic.Options{Sinks: []synthetic.SinkSpec{{
		Name: "broken", Target: "broken", Open: func(*synthetic.Watch) (synthetic.Sink, error) { return nil, broken },
	}}})
	require.ErrorIs(b.t, err, broken)
	require.Equal(b.t, 1, b.source.closings())
}
