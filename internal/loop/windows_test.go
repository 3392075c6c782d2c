package loop

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// windowJournal hands each measurement to the test.
type windowJournal chan episode.Measurement

func (w windowJournal) PutMeasurement(ms ...episode.Measurement) error {
	for _, m := range ms {
		w <- m
	}
	return nil
}

func (windowJournal) Measurements(
	episode.JobRef, string, time.Time, time.Time, int,
) ([]episode.Measurement, error) {
	return nil, nil
}

// kept is a WindowHistory in memory.
type kept struct {
	stored map[string]episode.Measurement
}

func (k kept) PutMeasurement(ms ...episode.Measurement) error {
	for _, m := range ms {
		k.stored[m.ID] = m
	}
	return nil
}

func (k kept) Measurements(
	episode.JobRef, string, time.Time, time.Time, int,
) (out []episode.Measurement, err error) {
	for _, m := range k.stored {
		out = append(out, m)
	}
	return out, nil
}

// A window stays open until no record of it is pending, also over a restart.
func TestWindowsAreCompletedLater(t *testing.T) {
	pending := []episode.Account{{Sink: "s", Outcomes: map[episode.RecordOutcome]int64{episode.Pending: 2}}}
	lost := []episode.Account{{Sink: "s", Outcomes: map[episode.RecordOutcome]int64{episode.Lost: 2}}}
	final := false
	history := kept{map[string]episode.Measurement{}}
	w := Windows{
		Measure: func(time.Time, time.Time) []episode.Measurement { return []episode.Measurement{{Job: "orders"}} },
		Complete: func(open []episode.Measurement) (changed, still []episode.Measurement) {
			for _, m := range open {
				if m.Accounts = pending; final {
					m.Accounts = lost
				}
				changed = append(changed, m)
				if !final {
					still = append(still, m)
				}
			}
			return changed, still
		},
		History: history, Log: slog.New(slog.DiscardHandler),
	}
	now := time.Now()
	open := w.record(now, now.Add(time.Minute), nil)
	open = w.record(now.Add(time.Minute), now.Add(2*time.Minute), open)
	require.Len(t, open, 2)
	require.Len(t, w.leftOpen(now), 2, "a restart finds them")
	final = true
	require.Empty(t, w.record(now.Add(2*time.Minute), now.Add(3*time.Minute), w.leftOpen(now)))
	require.Len(t, history.stored, 3)
	for _, m := range history.stored {
		require.Equal(t, lost, m.Accounts)
	}
	require.Empty(t, w.leftOpen(now))
}

func TestWindowsFollowEachOtherWithoutGap(t *testing.T) {
	stored := make(windowJournal)
	ctx, cancel := context.WithCancel(t.Context())
	finished := make(chan error, 1)
	go func() {
		finished <- Windows{
			Every:   time.Millisecond,
			Measure: func(time.Time, time.Time) []episode.Measurement { return []episode.Measurement{{Job: "orders"}} },
			History: stored,
			Log:     slog.New(slog.DiscardHandler),
		}.Run(ctx)
	}()
	first, second := <-stored, <-stored
	cancel()
	require.NoError(t, drain(stored, finished))
	require.Equal(t, episode.KindWindow, first.Kind)
	require.Equal(t, first.Ended, second.Began)
	require.NotEqual(t, first.ID, second.ID)
	require.Positive(t, second.Ended.Sub(second.Began))
}

// drain takes what is still being written until the recorder has finished, and
// returns what it finished with.
func drain(stored windowJournal, finished <-chan error) error {
	for {
		select {
		case <-stored:
		case err := <-finished:
			return err
		}
	}
}
