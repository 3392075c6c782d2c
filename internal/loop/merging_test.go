package loop

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// about is an alert of a rule about the job orders, and a process of it if one is named.
func about(rule, process string) episode.Alert {
	alert := firing("orders")
	alert.Rule, alert.Process, alert.Fingerprint, alert.Source = rule, process, rule+process, episode.FromTrend
	return alert
}

func TestAlertsOfOneCauseAreOneEpisode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, j := &alertLog{ends: map[string]time.Time{}}, &journal{}
		s := &stages{take: func(ctx context.Context) error { return wait.For(ctx, 90*time.Second) }}
		l := New(Options{Config: DefaultConfig(), History: j, PlanFor: s.plan, Alerts: log, Log: discard})
		defer running(t, l)()
		submit := func(a episode.Alert) Receipt {
			t.Helper()
			r, err := l.Submit(a)
			require.NoError(t, err)
			return r
		}
		first := submit(about("checkpoint-duration", ""))
		require.True(t, first.Accepted)
		time.Sleep(20 * time.Second)
		size, webhook := about("checkpoint-size", ""), firing("orders")
		merged := Receipt{Episode: first.Episode, Reason: ReasonMerged}
		require.Equal(t, merged, submit(size))
		require.Equal(t, merged, submit(webhook))
		require.Equal(t, Receipt{Episode: first.Episode, Reason: ReasonKnown}, submit(size), "it has its episode")
		require.Equal(t, merged, submit(about("heap-after-gc", "tm-1")))
		require.True(t, submit(firing("payments")).Accepted, "another job")
		asked := episode.Alert{Rule: episode.RuleAsked, Source: episode.FromCLI, Job: "orders"}
		require.True(t, submit(asked).Accepted, "a person gets what was asked for")

		time.Sleep(40 * time.Second)
		require.True(t, submit(about("source-lag", "")).Accepted, "a minute later it is something else")
		again := size
		again.StartsAt = again.StartsAt.Add(time.Minute)
		require.Equal(t, Receipt{Episode: first.Episode, Reason: ReasonCoolingDown}, submit(again))

		ended := size
		ended.ResolvedAt = time.Unix(1700000100, 0)
		submit(ended)
		require.Empty(t, log.ends, "the alert that opened the episode goes on")
		require.Equal(t, []episode.Alert{size, webhook, about("heap-after-gc", "tm-1"), ended}, log.triggers)

		time.Sleep(time.Hour)
		synctest.Wait()
		for _, ep := range j.latest() {
			if ep.ID == first.Episode {
				require.Equal(t, episode.Done, ep.State)
				require.Equal(t, []episode.Alert{size, webhook, about("heap-after-gc", "tm-1")}, ep.Triggers)
			}
		}
	})
}

// Seen: a lost TaskManager and the restarts that it caused were two episodes, because nothing
// could be profiled and the first was over before the second alert.
func TestTroublesOfOneCauseAreOneEpisode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log, j, s := &alertLog{ends: map[string]time.Time{}}, &journal{}, &stages{}
		l := New(Options{Config: DefaultConfig(), History: j, PlanFor: s.plan, Alerts: log, Log: discard})
		defer running(t, l)()
		lost, restarts := about("taskmanager-gone", ""), about("restart-loop", "")
		lost.Source, restarts.Source = episode.FromTrouble, episode.FromTrouble
		first, err := l.Submit(lost)
		require.NoError(t, err)
		time.Sleep(40 * time.Second)
		require.NotNil(t, j.last().Advice, "the advice is there at once")
		require.Equal(t, episode.Advising, j.last().State)
		second, err := l.Submit(restarts)
		require.NoError(t, err)
		require.Equal(t, Receipt{Episode: first.Episode, Reason: ReasonMerged}, second)

		time.Sleep(time.Minute)
		synctest.Wait()
		require.Len(t, j.latest(), 1)
		require.Equal(t, episode.Done, j.last().State)
		require.Equal(t, []episode.Alert{restarts}, j.last().Triggers)
		require.Equal(t, 2, s.count("advise"), "the advice knows both")
	})
}

// The second of two full heaps is looked at.
func TestAlertsAboutTwoProcessesAreTwoEpisodes(t *testing.T) {
	l := loopOf(&journal{}, (&stages{}).plan, nil)
	l.admission.restore(nil, nil)
	for _, process := range []string{"tm-1", "tm-2"} {
		receipt, err := l.Submit(about("heap-after-gc", process))
		require.NoError(t, err)
		require.True(t, receipt.Accepted)
	}
}

func TestMergedAlertIsKnownAfterARestart(t *testing.T) {
	log := &alertLog{ends: map[string]time.Time{}}
	l := New(Options{Config: DefaultConfig(), History: &journal{}, PlanFor: never, Alerts: log, Log: discard})
	size := about("checkpoint-size", "")
	l.admission.restore([]episode.Episode{{
		ID: "e1", Alert: about("checkpoint-duration", ""), Triggers: []episode.Alert{size}, State: episode.Done,
	}}, nil)
	receipt, err := l.Submit(size)
	require.NoError(t, err)
	require.Equal(t, Receipt{Episode: "e1", Reason: ReasonKnown}, receipt)
}

// The end of a further alert is stored as its own, also when the alert that opened the episode
// has another episode by then.
func TestMergedAlertEndsAfterANewEpisode(t *testing.T) {
	log := &alertLog{ends: map[string]time.Time{}}
	l := New(Options{Config: DefaultConfig(), History: &journal{}, PlanFor: never, Alerts: log, Log: discard})
	duration, size := about("checkpoint-duration", ""), about("checkpoint-size", "")
	later := duration
	later.StartsAt = later.StartsAt.Add(time.Hour)
	first := episode.Episode{ID: "e1", Opened: time.Unix(1000, 0), Alert: duration, Triggers: []episode.Alert{size}}
	second := episode.Episode{ID: "e2", Opened: time.Unix(9000, 0), Alert: later}
	l.admission.restore([]episode.Episode{second, first}, nil)
	size.ResolvedAt = time.Unix(1700000100, 0)
	_, err := l.Submit(size)
	require.NoError(t, err)
	require.Empty(t, log.ends, "the alert that opened the episode has an end of its own")
	require.Equal(t, []episode.Alert{size}, log.triggers)
}

// An old episode that is not finished yet does not hide a newer one of its further alert.
func TestUnfinishedEpisodeDoesNotHideANewerOne(t *testing.T) {
	l := loopOf(&journal{}, (&stages{}).plan, nil)
	size, again, third := about("checkpoint-size", ""), about("checkpoint-size", ""), about("checkpoint-size", "")
	again.StartsAt, third.StartsAt = again.StartsAt.Add(time.Hour), third.StartsAt.Add(2*time.Hour)
	old := episode.Episode{
		ID: "e1", Opened: time.Now().Add(-2 * time.Hour), Alert: about("checkpoint-duration", ""),
		Triggers: []episode.Alert{size},
	}
	l.admission.restore([]episode.Episode{{ID: "e2", Opened: time.Now().Add(-time.Minute), Alert: again}, old},
		[]episode.Episode{old})
	receipt, err := l.Submit(third)
	require.NoError(t, err)
	require.Equal(t, Receipt{Episode: "e2", Reason: ReasonCoolingDown}, receipt)
}

func TestAlertThatCannotBeMergedIsSentAgain(t *testing.T) {
	log := &alertLog{ends: map[string]time.Time{}, failure: errors.New("no space left on device")}
	l := New(Options{Config: DefaultConfig(), History: &journal{}, PlanFor: never, Alerts: log, Log: discard})
	l.admission.restore(nil, nil)
	_, err := l.Submit(about("checkpoint-duration", ""))
	require.NoError(t, err)
	_, err = l.Submit(about("checkpoint-size", ""))
	require.ErrorContains(t, err, "no space left on device")
	log.failure = nil
	receipt, err := l.Submit(about("checkpoint-size", ""))
	require.NoError(t, err)
	require.Equal(t, ReasonMerged, receipt.Reason)
}

// Seen: "none in progress" beside two episodes that were measuring.
func TestAnEpisodeThatNeedsNoWorkerIsInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &stages{measure: func(ctx context.Context) error { return wait.For(ctx, time.Minute) }}
		l := loopOf(&journal{}, s.plan, nil)
		l.admission.restore(nil, nil)
		ended := make(chan error, 2)
		for _, job := range []string{"orders", "payments"} {
			go func() {
				_, err := l.Turn(t.Context(), firing(job), Plan{Measurer: MeasureFunc(s.doMeasure)})
				ended <- err
			}()
		}
		synctest.Wait()
		_, working, _ := l.Open()
		require.Equal(t, 2, working)
		require.NoError(t, <-ended)
		require.NoError(t, <-ended)
		_, working, _ = l.Open()
		require.Zero(t, working)
	})
}

func TestCoolDownSaysWhenItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &alertLog{}
		l := remembering(log)
		defer running(t, l)()
		first, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		time.Sleep(15 * time.Minute)
		again := firing("orders")
		again.StartsAt = again.StartsAt.Add(time.Minute)
		_, err = l.Submit(again)
		require.NoError(t, err)
		time.Sleep(2 * storeEvery)
		synctest.Wait()
		declined, _ := log.seen()
		require.Len(t, declined, 1)
		require.Equal(t, first.Episode, declined[0].Episode)
		require.True(t, declined[0].Until.Equal(declined[0].First.Add(15*time.Minute)))
		require.Regexp(t, `^cooldown until 00:30 UTC: episode \w+ is about the same `, declined[0].Detail)
	})
}
