package loop

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// journal is a Journal that keeps every write, so that a test can see not just
// where an episode ended but what was stored on the way.
type journal struct {
	writes   []episode.Episode
	failFrom int // the write from which the disk is full; 0 is never
}

func (j *journal) PutEpisode(ep episode.Episode) error {
	if j.failFrom > 0 && len(j.writes)+1 >= j.failFrom {
		return errors.New("no space left on device")
	}
	j.writes = append(j.writes, ep)
	return nil
}

func (j *journal) Unfinished() ([]episode.Episode, error) {
	latest := map[string]episode.Episode{}
	var order []string
	for _, ep := range j.writes {
		if _, seen := latest[ep.ID]; !seen {
			order = append(order, ep.ID)
		}
		latest[ep.ID] = ep
	}
	var open []episode.Episode
	for _, id := range order {
		if !latest[id].State.Final() {
			open = append(open, latest[id])
		}
	}
	return open, nil
}

func (j *journal) states() []episode.State {
	var states []episode.State
	for _, ep := range j.writes {
		states = append(states, ep.State)
	}
	return states
}

var alert = episode.Alert{Rule: "probe-round", Source: episode.FromCLI, Job: "orders"}

func newLoop(j *journal) *Loop {
	l := New(j, slog.New(slog.DiscardHandler))
	l.Now = func() time.Time { return time.Unix(1700000000, 0) }
	return l
}

func measured(context.Context, episode.Alert) (episode.Measurement, error) {
	return episode.Measurement{Kind: episode.KindRound, EpochKey: "e1"}, nil
}

func TestTurnStoresEachStateBeforeItsWork(t *testing.T) {
	j := &journal{}
	var storedWhenMeasuring []episode.State
	ep, err := newLoop(j).Turn(t.Context(), alert, MeasureFunc(func(ctx context.Context, a episode.Alert) (episode.Measurement, error) {
		storedWhenMeasuring = j.states()
		return measured(ctx, a)
	}))
	require.NoError(t, err)
	require.Equal(t, []episode.State{episode.Opened, episode.Measuring}, storedWhenMeasuring)
	require.Equal(t, []episode.State{episode.Opened, episode.Measuring, episode.Done}, j.states())
	require.Equal(t, j.writes[2], ep)
	require.Equal(t, "e1", ep.EpochKey)
	require.Equal(t, time.Unix(1700000000, 0), ep.Finished)
	require.Equal(t, time.Unix(1700000000, 0), ep.Alert.StartsAt)
}

func TestTurnRecordsWhyItFailed(t *testing.T) {
	j := &journal{}
	broken := errors.New("kafka: no broker answers (start it)")
	ep, err := newLoop(j).Turn(t.Context(), alert, MeasureFunc(func(context.Context, episode.Alert) (episode.Measurement, error) {
		return episode.Measurement{}, broken
	}))
	require.ErrorIs(t, err, broken)
	require.Equal(t, episode.Failed, ep.State)
	require.Equal(t, broken.Error(), j.writes[2].Error)
	require.Nil(t, ep.Measurement)
}

func TestTurnDoesNoWorkThatItCouldNotRecord(t *testing.T) {
	for _, full := range []int{1, 2} {
		j := &journal{failFrom: full}
		_, err := newLoop(j).Turn(t.Context(), alert, MeasureFunc(func(context.Context, episode.Alert) (episode.Measurement, error) {
			require.Fail(t, "measured although the journal refused the state")
			return episode.Measurement{}, nil
		}))
		require.ErrorContains(t, err, "no space left on device")
	}
}

func TestStoppingLeavesTheEpisodeToBeResumed(t *testing.T) {
	j := &journal{}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := newLoop(j).Turn(ctx, alert, MeasureFunc(func(ctx context.Context, _ episode.Alert) (episode.Measurement, error) {
		cancel()
		return episode.Measurement{}, ctx.Err()
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, []episode.State{episode.Opened, episode.Measuring}, j.states())

	require.NoError(t, newLoop(j).Resume(t.Context(), func(a episode.Alert) Measurer {
		require.Equal(t, alert.Rule, a.Rule)
		return MeasureFunc(measured)
	}))
	last := j.writes[len(j.writes)-1]
	require.Equal(t, episode.Done, last.State)
	require.Equal(t, j.writes[0].ID, last.ID)
	left, err := j.Unfinished()
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestResumeFailsWhatCannotBeRepeated(t *testing.T) {
	j := &journal{writes: []episode.Episode{{ID: "1", Alert: alert, State: episode.Measuring}}}
	require.NoError(t, newLoop(j).Resume(t.Context(), func(episode.Alert) Measurer { return nil }))
	last := j.writes[len(j.writes)-1]
	require.Equal(t, episode.Failed, last.State)
	require.Equal(t, "the sidecar stopped while this was under way (run it again)", last.Error)
}

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
			Journal: stored,
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
