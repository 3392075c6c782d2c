package loop

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

type tooLargeError struct{ error }

func (tooLargeError) Invalid() bool { return true }

// alertLog is an AlertHistory in memory. It refuses a batch that holds tooLarge.
type alertLog struct {
	mu       sync.Mutex
	tooLarge string // a rule
	failure  error  // of every write
	writes   int
	declined []episode.Declined
	ends     map[string]time.Time // by episode
	triggers []episode.Alert
}

func (a *alertLog) PutDeclined(declined ...episode.Declined) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.writes++
	if a.failure != nil {
		return a.failure
	}
	for _, d := range declined {
		if d.Alert.Rule == a.tooLarge {
			return tooLargeError{errors.New("too large (store less)")}
		}
	}
	a.declined = append(a.declined, declined...)
	return nil
}

func (a *alertLog) PutAlertEnd(id string, at time.Time) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failure != nil {
		return false, a.failure
	}
	a.ends[id] = at
	return true, nil
}

func (a *alertLog) PutTrigger(_ string, alert episode.Alert) (bool, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.failure != nil {
		return false, a.failure
	}
	a.triggers = append(a.triggers, alert)
	return true, nil
}

// seen returns what is stored, and in how many writes.
func (a *alertLog) seen() (declined []episode.Declined, writes int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.declined), a.writes
}

func remembering(a *alertLog) *Loop {
	a.ends = map[string]time.Time{}
	return New(Options{
		Config: DefaultConfig(), History: &journal{}, PlanFor: (&stages{}).plan, Alerts: a, Log: discard,
	})
}

func TestTheEndOfAnAlertIsStoredWithItsEpisode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &alertLog{}
		l := remembering(log)
		defer running(t, l)()
		receipt, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		synctest.Wait()

		resolved := firing("orders")
		resolved.ResolvedAt = time.Unix(1700000100, 0)
		_, err = l.Submit(resolved)
		require.NoError(t, err)
		unknown := firing("payments")
		unknown.ResolvedAt = resolved.ResolvedAt
		_, err = l.Submit(unknown)
		require.NoError(t, err)
		require.Equal(t, map[string]time.Time{receipt.Episode: resolved.ResolvedAt}, log.ends)
	})
}

func TestDeclinedAlertsAreStoredTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &alertLog{}
		l := remembering(log)
		stop := running(t, l)
		_, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		synctest.Wait()
		for range 3 {
			l.Decline(firing("unknown"), "no_job", "no such job runs (start it)")
		}
		again := firing("orders")
		again.StartsAt = again.StartsAt.Add(time.Minute)
		receipt, err := l.Submit(again)
		require.NoError(t, err)
		require.Equal(t, ReasonCoolingDown, receipt.Reason)
		_, writes := log.seen()
		require.Zero(t, writes, "nothing is written while alerts arrive")
		time.Sleep(2 * storeEvery)
		synctest.Wait()
		declined, writes := log.seen()
		require.Equal(t, 1, writes)
		require.Len(t, declined, 4)
		require.Equal(t, "no_job", declined[0].Reason)
		require.Equal(t, ReasonCoolingDown, declined[3].Reason)
		require.Contains(t, declined[3].Detail, receipt.Episode)

		l.Decline(firing("late"), "no_job", "no such job runs (start it)")
		stop()
		require.Len(t, log.declined, 5, "what waits is stored at the end")
	})
}

func TestADeclinedAlertThatIsTooLargeCostsOnlyItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &alertLog{tooLarge: "huge"}
		l := remembering(log)
		stop := running(t, l)
		huge := firing("unknown")
		huge.Rule = "huge"
		l.Decline(firing("unknown"), "no_job", "no such job runs (start it)")
		l.Decline(huge, "no_job", "no such job runs (start it)")
		l.Decline(firing("other"), "no_job", "no such job runs (start it)")
		stop()
		require.Len(t, log.declined, 2)
	})
}

func TestAStormOfDeclinedAlertsIsBounded(t *testing.T) {
	log := &alertLog{}
	l := remembering(log)
	for range maxWaiting + 5 {
		l.Decline(firing("unknown"), "no_job", "no such job runs (start it)")
	}
	l.storeDeclined()
	require.Len(t, log.declined, maxWaiting)
	l.storeDeclined()
	require.Equal(t, 1, log.writes, "nothing waits any more")
}

// fail makes every write fail, until err is nil.
func (a *alertLog) fail(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failure = err
}

// TestNothingOfAnAlertIsLostWhileTheHistoryCannotBeWritten: a declined alert waits, and the
// sender of an alert's end must repeat it.
func TestNothingOfAnAlertIsLostWhileTheHistoryCannotBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &alertLog{}
		l := remembering(log)
		resolved := firing("orders")
		resolved.ResolvedAt = time.Unix(1700000100, 0)
		_, err := l.Submit(resolved)
		require.ErrorIs(t, err, ErrNotReady, "what earlier processes opened is not known yet")

		stop := running(t, l)
		receipt, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		log.fail(errors.New("no space left on device"))
		_, err = l.Submit(resolved)
		require.ErrorContains(t, err, "no space left on device")
		l.Decline(firing("unknown"), "no_job", "no such job runs (start it)")
		time.Sleep(10 * storeEvery)
		synctest.Wait()

		log.fail(nil)
		_, err = l.Submit(resolved)
		require.NoError(t, err)
		time.Sleep(2 * storeEvery)
		stop()
		require.Equal(t, resolved.ResolvedAt, log.ends[receipt.Episode])
		require.Len(t, log.declined, 1)
	})
}
