package loop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// conflicting is a journal that keeps another state of some episodes: it refuses every
// write of them after the first, as history does.
type conflicting struct {
	journal
	jobs map[string]bool
}

type conflictError struct{ error }

func (conflictError) Conflict() bool { return true }

func (j *conflicting) PutEpisode(ep episode.Episode) error {
	j.mu.Lock()
	refused := j.jobs[ep.Alert.Job] && ep.State != episode.Opened
	j.mu.Unlock()
	if refused {
		return conflictError{errors.New("is done and can't become " + string(ep.State))}
	}
	return j.journal.PutEpisode(ep)
}

// TestWhatTheJournalNeverAcceptsIsAbandoned: four such episodes would hold up all four
// workers for ever.
func TestWhatTheJournalNeverAcceptsIsAbandoned(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &conflicting{jobs: map[string]bool{"a": true, "b": true, "c": true, "d": true}}
		s := &stages{}
		l := New(Options{Config: DefaultConfig(), History: j, PlanFor: s.plan, Log: discard})
		defer running(t, l)()
		for _, job := range []string{"a", "b", "c", "d", "orders"} {
			receipt, err := l.Submit(firing(job))
			require.NoError(t, err)
			require.True(t, receipt.Accepted)
		}
		synctest.Wait()
		require.Equal(t, "orders", j.last().Alert.Job)
		require.Equal(t, episode.Done, j.last().State)
		queued, working, announcing := l.Open()
		require.Zero(t, queued+working+announcing)
		require.InDelta(t, 4, testutil.ToFloat64(l.metrics.abandoned), 0)
		require.Empty(t, l.Stuck())
	})
}

// writing is a journal that writes JSON, and refuses large episodes, as history does.
type writing struct{ journal }

type invalidError struct{ error }

func (invalidError) Invalid() bool { return true }

func (j *writing) PutEpisode(ep episode.Episode) error {
	if ep.Measurement != nil && len(ep.Measurement.Warnings) > 100 {
		return invalidError{errors.New("it is too large")}
	}
	if _, err := json.Marshal(ep); err != nil {
		return fmt.Errorf("episode: %w", err)
	}
	return j.journal.PutEpisode(ep)
}

// TestAResultThatCannotBeWrittenFailsItsEpisode: JSON has no NaN, and history has a limit.
func TestAResultThatCannotBeWrittenFailsItsEpisode(t *testing.T) {
	value := math.NaN()
	failsItsEpisode(t, episode.Measurement{Throughput: &value}, "NaN")
	failsItsEpisode(t, episode.Measurement{Warnings: make([]string, 101)}, "it is too large")
}

func failsItsEpisode(t *testing.T, result episode.Measurement, why string) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		j := &writing{}
		measure := MeasureFunc(func(context.Context, episode.Alert) (episode.Measurement, error) { return result, nil })
		l := New(Options{Config: DefaultConfig(), History: j, Log: discard, PlanFor: func(episode.Alert) (Plan, bool) {
			return Plan{Measurer: measure}, true
		}})
		defer running(t, l)()
		_, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		synctest.Wait()
		ep := j.last()
		require.Equal(t, episode.Failed, ep.State)
		require.Contains(t, ep.Error, "its results cannot be stored")
		require.Contains(t, ep.Error, why)
		require.Nil(t, ep.Measurement)
		queued, working, _ := l.Open()
		require.Zero(t, queued+working)
	})
}

// TestAnAnnouncementThatIsNeverAcceptedHoldsUpNoOther has the first of two changed from
// outside while Grafana is away.
func TestAnAnnouncementThatIsNeverAcceptedHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := &conflicting{jobs: map[string]bool{}}, &stages{}
		g := &town{fails: func(attempt int) error {
			if attempt == 1 {
				return Later(errors.New("refused"))
			}
			return nil
		}}
		l := New(Options{Config: DefaultConfig(), History: j, PlanFor: s.plan, Notifier: g, Log: discard})
		defer running(t, l)()
		_, err := l.Submit(firing("a"))
		require.NoError(t, err)
		synctest.Wait()
		j.mu.Lock()
		j.jobs["a"] = true
		j.mu.Unlock()
		_, err = l.Submit(firing("orders"))
		require.NoError(t, err)
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, "orders", j.last().Alert.Job)
		require.Equal(t, episode.Done, j.last().State)
	})
}

func TestAnEpisodeThatCannotBeRecordedIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := &journal{failFrom: 2}, &stages{}
		l := loopOf(j, s.plan, nil)
		defer running(t, l)()
		receipt, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		time.Sleep(30 * time.Second)
		require.Empty(t, l.Stuck(), "it is tried again, and may pass")
		time.Sleep(time.Minute)
		stuck := l.Stuck()
		require.Len(t, stuck, 1)
		require.Equal(t, receipt.Episode, stuck[0].Episode)
		require.Contains(t, stuck[0].Reason, "no space left on device")

		j.mu.Lock()
		j.failFrom = 0
		j.mu.Unlock()
		time.Sleep(longestPause)
		synctest.Wait()
		require.Empty(t, l.Stuck())
		require.Equal(t, episode.Done, j.last().State)
	})
}

func TestAStepThatDoesNotEndIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := &journal{}, &stages{take: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }}
		l := loopOf(j, s.plan, nil)
		defer running(t, l)()
		_, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		time.Sleep(stuckIdle - time.Minute)
		require.Empty(t, l.Stuck())
		time.Sleep(2 * time.Minute)
		require.Len(t, l.Stuck(), 1)
		require.Equal(t, episode.Profiling, l.Stuck()[0].State)
	})
}

// TestAGrafanaThatIsAwayMakesNothingStuck for a day.
func TestAGrafanaThatIsAwayMakesNothingStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := &journal{}, &stages{}
		l := loopOf(j, s.plan, &town{fails: func(int) error { return Later(errors.New("refused")) }})
		defer running(t, l)()
		_, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		time.Sleep(24 * time.Hour)
		require.Empty(t, l.Stuck())
	})
}

// full makes writes of the journal fail from its next one on, or never again.
func (j *journal) full(is bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failFrom = 0
	if is {
		j.failFrom = len(j.writes) + 1
	}
}

// TestAFullDiskForAMomentLosesNoMeasurement: a measurement cannot be repeated.
func TestAFullDiskForAMomentLosesNoMeasurement(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		l := loopOf(j, never, nil)
		go func() {
			time.Sleep(20 * time.Second)
			j.full(false)
		}()
		ep, err := l.Turn(t.Context(), alert, measuring(func(ctx context.Context, a episode.Alert) (episode.Measurement, error) {
			j.full(true)
			return measured(ctx, a)
		}))
		require.NoError(t, err)
		require.Equal(t, episode.Done, ep.State)
		require.NotNil(t, j.last().Measurement)
		require.Empty(t, l.Stuck())
	})
}

// TestAFullDiskAtTheStartEndsNothing: a round of an earlier process cannot be recorded as
// interrupted.
func TestAFullDiskAtTheStartEndsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{writes: []episode.Episode{{ID: "1", State: episode.Measuring, Alert: alert}}}
		j.full(true)
		l := loopOf(j, never, nil)
		stop := running(t, l)
		require.Len(t, j.latest(), 1)
		stop()
	})
}

// TestAFailedWriteDuringAnOutageOfGrafanaIsNotStuck: the reason for waiting is recorded
// with a later attempt.
func TestAFailedWriteDuringAnOutageOfGrafanaIsNotStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := &journal{}, &stages{}
		g := &town{fails: func(attempt int) error {
			if attempt == 1 {
				j.full(true)
			}
			return Later(errors.New("connection refused"))
		}}
		l := loopOf(j, s.plan, g)
		defer running(t, l)()
		_, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		synctest.Wait()
		j.full(false)
		time.Sleep(2 * longestPause)
		synctest.Wait()
		require.Empty(t, l.Stuck())
		require.Equal(t, "connection refused", j.last().Waiting)
	})
}

// TestANoteIsThereOnce although its step is repeated.
func TestANoteIsThereOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{}
		s := &stages{aim: func(episode.Alert) error { return errors.New("budget is spent") }}
		l := loopOf(j, s.plan, nil)
		defer running(t, l)()
		j.failFrom = 2
		_, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		time.Sleep(5 * longestPause)
		synctest.Wait()
		j.full(false)
		time.Sleep(longestPause)
		synctest.Wait()
		require.Equal(t, episode.Done, j.last().State)
		require.Equal(t, []string{"budget is spent"}, j.last().Notes)
	})
}
