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
