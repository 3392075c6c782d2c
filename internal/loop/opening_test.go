package loop

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// TestTheBeginningIsToldBeforeTheResults: people see within a second that somebody looks.
func TestTheBeginningIsToldBeforeTheResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s, g := &journal{}, &stages{take: func(ctx context.Context) error { return wait.For(ctx, time.Minute) }}, &town{}
		l := loopOf(j, s.plan, g)
		defer running(t, l)()
		receipt, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, []string{receipt.Episode}, g.openings())
		require.Empty(t, g.told)
		_, _, announcing := l.Open()
		require.Zero(t, announcing, "it is not waiting to be announced")
		time.Sleep(2 * time.Minute)
		synctest.Wait()
		require.Equal(t, []string{receipt.Episode}, g.told)
	})
}

// TestABeginningIsNotToldAfterTheResults: while Grafana is away it is tried again, until there
// is something better to tell. The announcements that wait do not hold it up.
func TestABeginningIsNotToldAfterTheResults(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		away := errors.New("connection refused (start it)")
		var began atomic.Int64 // when Grafana was shut, in nanoseconds
		began.Store(time.Now().UnixNano())
		j, g := &journal{}, &town{}
		s := &stages{take: func(ctx context.Context) error { return wait.For(ctx, 10*time.Minute) }}
		g.shut = func(int) error {
			if time.Since(time.Unix(0, began.Load())) < 5*time.Minute {
				return Later(away)
			}
			return nil
		}
		g.fails = func(int) error { return Later(away) }
		l := loopOf(j, s.plan, g)
		defer running(t, l)()
		first, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		time.Sleep(4 * time.Minute)
		require.Empty(t, g.openings())
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		require.Equal(t, []string{first.Episode}, g.openings())

		time.Sleep(10 * time.Minute) // the first one waits to be announced
		second, err := l.Submit(firing("payments"))
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, []string{first.Episode, second.Episode}, g.openings())

		began.Store(time.Now().Add(time.Hour).UnixNano()) // away again
		third, err := l.Submit(firing("refunds"))
		require.NoError(t, err)
		time.Sleep(20 * time.Minute) // longer than its work takes
		began.Store(0)               // and back
		time.Sleep(20 * time.Minute)
		synctest.Wait()
		require.NotContains(t, g.openings(), third.Episode)
	})
}

// TestARefusedBeginningIsLeftOut: the results are told all the same.
func TestARefusedBeginningIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := &journal{}, &stages{}
		g := &town{shut: func(int) error { return errors.New("status 400") }}
		l := loopOf(j, s.plan, g)
		defer running(t, l)()
		receipt, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		synctest.Wait()
		require.Empty(t, g.openings())
		require.Equal(t, []string{receipt.Episode}, g.told)
	})
}

// TestAnEpisodeWithoutAdviceIsAnnounced where its plan says so, even if it could not be measured.
func TestAnEpisodeWithoutAdviceIsAnnounced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, g := &journal{}, &town{}
		l := loopOf(j, never, g)
		defer running(t, l)()
		plan := Plan{Announce: true, Measurer: MeasureFunc(func(ctx context.Context, _ episode.Alert) (episode.Measurement, error) {
			_ = wait.For(ctx, time.Minute)
			return episode.Measurement{}, errors.New("nothing is known of the job (see the page)")
		})}
		ep, err := l.Turn(t.Context(), episode.Alert{Rule: "epoch-began", Source: episode.FromEpoch, Job: "orders"}, plan)
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, []string{ep.ID}, g.openings())
		require.Equal(t, []string{ep.ID}, g.told)
		require.Equal(t, episode.Done, j.last().State)
		require.Equal(t, []string{"nothing is known of the job (see the page)"}, j.last().Notes)
	})
}

// TestAnUnfinishedEpisodeIsToldAgain: the process before may have ended before it told.
func TestAnUnfinishedEpisodeIsToldAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s, g := &journal{}, &stages{take: func(ctx context.Context) error { return wait.For(ctx, time.Minute) }}, &town{}
		l := loopOf(j, s.plan, nil)
		l.admission.restore(nil, nil)
		receipt, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		next := loopOf(j, s.plan, g)
		defer running(t, next)()
		require.Equal(t, []string{receipt.Episode}, g.openings())
	})
}

// TestAnEpisodeOfThisProcessIsNotResumed: it may be opened while the loop still reads what
// earlier processes left.
func TestAnEpisodeOfThisProcessIsNotResumed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := &journal{}, &stages{}
		l := loopOf(j, s.plan, nil)
		require.NoError(t, l.begin(l.newEpisode(firing("orders"))))
		defer running(t, l)()
		require.Equal(t, []episode.State{episode.Opened}, j.states(), "whoever opened it works on it")
		require.Empty(t, s.calls)
	})
}
