package loop

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// firing is an alert of Alertmanager about one job.
func firing(job string) episode.Alert {
	return episode.Alert{
		Rule: "lag", Source: episode.FromAlertmanager, Job: job, Fingerprint: "f-" + job,
		StartsAt: time.Unix(1700000000, 0),
	}
}

// running runs a loop until everything in the test's bubble waits, and stops it at the
// end of the test.
func running(t *testing.T, l *Loop) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- l.Run(ctx) }()
	synctest.Wait()
	return func() {
		cancel()
		require.NoError(t, <-ended)
	}
}

func TestSubmittedAlertsAreWorkedOffAndTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s, g := &journal{}, &stages{}, &town{}
		l := loopOf(j, s.plan, g)
		defer running(t, l)()
		receipt, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		require.True(t, receipt.Accepted)
		synctest.Wait()
		ep := j.last()
		require.Equal(t, receipt.Episode, ep.ID)
		require.Equal(t, []episode.State{
			episode.Opened, episode.Profiling, episode.Measuring, episode.Advising, episode.Advising,
			episode.Announcing, episode.Done,
		}, j.states())
		require.Equal(t, []string{ep.ID}, g.told)
		require.Equal(t, []episode.Announcement{{Where: "grafana", ID: "annotation of " + ep.ID, At: time.Now()}},
			ep.Announcements)
	})
}

func TestAcceptedIsStored(t *testing.T) {
	j := &journal{}
	l := loopOf(j, (&stages{}).plan, nil) // it does not run
	_, err := l.Submit(firing("orders"))
	require.ErrorIs(t, err, ErrNotReady, "what earlier processes did is not known yet")
	l.admission.restore(nil, nil)
	receipt, err := l.Submit(firing("orders"))
	require.NoError(t, err)
	require.Equal(t, receipt.Episode, j.last().ID)

	full := &journal{failFrom: 1}
	l = loopOf(full, (&stages{}).plan, nil)
	l.admission.restore(nil, nil)
	_, err = l.Submit(firing("orders"))
	require.ErrorContains(t, err, "no space left on device")
	full.failFrom = 0
	receipt, err = l.Submit(firing("orders"))
	require.NoError(t, err)
	require.True(t, receipt.Accepted, "what could not be stored was not accepted, and may come again")
}

func TestOneEpisodeForOneThing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := &journal{}, &stages{take: func(ctx context.Context) error {
			return wait.For(ctx, 30*time.Second)
		}}
		l := loopOf(j, s.plan, nil)
		defer running(t, l)()
		first, err := l.Submit(firing("orders"))
		require.NoError(t, err)

		submit := func(a episode.Alert) Receipt {
			t.Helper()
			r, err := l.Submit(a)
			require.NoError(t, err)
			return r
		}
		again := firing("orders")
		again.StartsAt = again.StartsAt.Add(time.Minute)
		resolved := firing("orders")
		resolved.ResolvedAt = time.Unix(1700000100, 0)
		asked := episode.Alert{Rule: episode.RuleAsked, Source: episode.FromCLI, Job: "orders"}

		require.Equal(t, Receipt{Episode: first.Episode, Reason: ReasonKnown}, submit(firing("orders")))
		require.Equal(t, Receipt{Episode: first.Episode, Reason: ReasonUnderWay}, submit(again))
		require.Equal(t, Receipt{Reason: ReasonResolved}, submit(resolved))
		require.True(t, submit(asked).Accepted, "a person asks about something else: what it is doing")
		require.Equal(t, ReasonUnderWay, submit(asked).Reason)

		time.Sleep(time.Minute)
		synctest.Wait()
		require.Equal(t, Receipt{Episode: first.Episode, Reason: ReasonCoolingDown}, submit(again))
		require.True(t, submit(asked).Accepted, "a person may ask at any time")
		time.Sleep(30 * time.Minute)
		require.Equal(t, ReasonKnown, submit(firing("orders")).Reason,
			"an occurrence has one episode, however often it is sent")
		require.True(t, submit(again).Accepted)
	})
}

func TestAStormIsBoundedAndForgetsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, s := &journal{}, &stages{take: func(ctx context.Context) error {
			return wait.For(ctx, time.Second)
		}}
		l := loopOf(j, s.plan, nil)
		defer running(t, l)()
		accepted, refused := 0, 0
		for i := range 10_000 {
			switch receipt, err := l.Submit(firing(fmt.Sprint(i))); {
			case errors.Is(err, ErrFull):
				refused++
			default:
				require.NoError(t, err)
				require.True(t, receipt.Accepted)
				accepted++
			}
		}
		require.Equal(t, l.cfg.Depth, accepted)
		require.Equal(t, 10_000-l.cfg.Depth, refused)
		synctest.Wait()
		queued, working, _ := l.Open()
		require.Equal(t, l.cfg.Workers, working)
		require.Equal(t, l.cfg.Depth-l.cfg.Workers, queued)

		time.Sleep(time.Duration(l.cfg.Depth) * time.Second)
		synctest.Wait()
		for _, ep := range j.latest() {
			require.Equal(t, episode.Done, ep.State)
		}
		require.Len(t, j.latest(), l.cfg.Depth)
		receipt, err := l.Submit(firing("9999"))
		require.NoError(t, err)
		require.True(t, receipt.Accepted, "there is room again")
	})
}

func TestARestartGoesOn(t *testing.T) {
	for _, state := range []episode.State{
		episode.Opened, episode.Profiling, episode.Measuring, episode.Advising,
		episode.Announcing,
	} {
		t.Run(string(state), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ep := episode.Episode{ID: "01", Alert: firing("orders"), State: state, Opened: time.Now()}
				if state != episode.Opened {
					ep.Target = &episode.Target{Process: "tm-7"}
				}
				j, s, g := &journal{writes: []episode.Episode{ep}}, &stages{}, &town{}
				l := loopOf(j, s.plan, g)
				defer running(t, l)()
				last := j.last()
				require.Equal(t, episode.Done, last.State)
				require.Equal(t, []string{"01"}, g.told)
				want := map[episode.State][]string{
					episode.Opened:    {"aim", "take tm-1", "measure", "advise", "show", "show"},
					episode.Profiling: {"take tm-7", "measure", "advise", "show", "show"},
					episode.Measuring: {"measure", "advise", "show", "show"},
					episode.Advising:  {"advise", "show", "show"},
				}[state]
				require.Equal(t, want, s.calls)
				receipt, err := l.Submit(firing("orders"))
				require.NoError(t, err)
				require.Equal(t, Receipt{Episode: "01", Reason: ReasonKnown}, receipt)
			})
		})
	}
}

func TestARestartFailsWhatCannotBeRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{writes: []episode.Episode{{ID: "1", Alert: alert, State: episode.Measuring}}}
		defer running(t, loopOf(j, never, nil))()
		require.Equal(t, episode.Failed, j.last().State)
		require.Equal(t, "the sidecar stopped while this was in progress (run it again)", j.last().Error)
	})
}

func TestARestartRepeatsWhatOnlyMeasures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{writes: []episode.Episode{{ID: "1", Alert: alert, State: episode.Measuring}}}
		defer running(t, loopOf(j, func(episode.Alert) (Plan, bool) { return measuring(measured), true }, nil))()
		require.Equal(t, episode.Done, j.last().State)
	})
}

func TestToldInOrderWhenGrafanaComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		down := func(int) error {
			if time.Since(began) < time.Hour {
				return Later(errors.New("grafana is down (start it)"))
			}
			return nil
		}
		j, g := &journal{}, &town{fails: down}
		l := loopOf(j, (&stages{}).plan, g)
		stop := running(t, l)
		var order []string
		for i := range 5 {
			receipt, err := l.Submit(firing(fmt.Sprint(i)))
			require.NoError(t, err)
			order = append(order, receipt.Episode)
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		require.Equal(t, "grafana is down (start it)", j.latest()[0].Waiting)
		require.Equal(t, episode.Announcing, j.latest()[0].State)
		_, _, announcing := l.Open()
		require.Equal(t, 5, announcing)

		stop() // a restart in the middle of it
		restarted := loopOf(j, (&stages{}).plan, g)
		defer running(t, restarted)()
		time.Sleep(time.Hour)
		synctest.Wait()
		require.Equal(t, order, g.told)
		for _, ep := range j.latest() {
			require.Equal(t, episode.Done, ep.State)
			require.Empty(t, ep.Waiting)
			require.Len(t, ep.Announcements, 1)
		}
		require.Less(t, g.tries, 100, "it is asked less and less often")
	})
}

func TestAGrafanaThatIsDownHoldsUpNothingElse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, g := &journal{}, &town{fails: func(int) error { return Later(errors.New("grafana is down (start it)")) }}
		l := loopOf(j, (&stages{}).plan, g)
		stop := running(t, l)
		asked := episode.Alert{Rule: episode.RuleAsked, Source: episode.FromCLI, Job: "orders"}
		first, err := l.Submit(asked)
		require.NoError(t, err)
		synctest.Wait()
		second, err := l.Submit(asked)
		require.NoError(t, err)
		require.True(t, second.Accepted, "the first is done, if not told")
		require.NotEqual(t, first.Episode, second.Episode)
		stop()

		restarted := loopOf(j, (&stages{}).plan, g)
		defer running(t, restarted)()
		third, err := restarted.Submit(asked)
		require.NoError(t, err)
		require.True(t, third.Accepted, "and so it is after a restart")
	})
}

// While the disk is full, episodes wait at their step, and none is lost.
func TestAJournalThatCanNotBeWrittenForAWhile(t *testing.T) {
	for _, fails := range []int{2, 3, 4, 5, 6} {
		t.Run(fmt.Sprint(fails), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j, s, g := &journal{failFrom: fails}, &stages{}, &town{}
				l := loopOf(j, s.plan, g)
				defer running(t, l)()
				receipt, err := l.Submit(firing("orders"))
				require.NoError(t, err)
				time.Sleep(time.Hour)
				require.Len(t, j.states(), fails-1)
				j.mu.Lock()
				j.failFrom = 0
				j.mu.Unlock()
				time.Sleep(2 * longestPause)
				synctest.Wait()
				require.Equal(t, episode.Done, j.last().State)
				require.Equal(t, []string{receipt.Episode}, g.told)
				again, err := l.Submit(firing("orders"))
				require.NoError(t, err)
				require.Equal(t, ReasonKnown, again.Reason)
			})
		})
	}
}

func TestPeopleAloneGoPastTheCoolDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := loopOf(&journal{}, (&stages{}).plan, nil)
		defer running(t, l)()
		named := func(at time.Time) Receipt {
			alert := firing("orders")
			alert.Rule, alert.StartsAt = episode.RuleAsked, at
			receipt, err := l.Submit(alert)
			require.NoError(t, err)
			synctest.Wait()
			return receipt
		}
		require.True(t, named(time.Unix(1, 0)).Accepted)
		require.Equal(t, ReasonCoolingDown, named(time.Unix(2, 0)).Reason,
			"a rule of Prometheus may be called what it likes")
	})
}

func TestWhatIsRefusedForGoodIsNotTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j, g := &journal{}, &town{fails: func(int) error {
			return errors.New("grafana: the dashboard does not exist (correct grafana.dashboard_uid)")
		}}
		l := loopOf(j, (&stages{}).plan, g)
		defer running(t, l)()
		_, err := l.Submit(firing("orders"))
		require.NoError(t, err)
		synctest.Wait()
		require.Equal(t, 1, g.tries)
		require.Equal(t, episode.Done, j.last().State)
		require.Equal(t, "grafana: the dashboard does not exist (correct grafana.dashboard_uid)",
			j.last().Announcements[0].Error)
	})
}

func TestAnAnnouncerThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := &journal{writes: []episode.Episode{{ID: "1", Alert: firing("orders"), State: episode.Announcing}}}
		defer running(t, loopOf(j, (&stages{}).plan, nil))()
		require.Equal(t, episode.Done, j.last().State)
		require.Equal(t, []string{"it was not announced: no receiver is configured any more (set grafana.url)"},
			j.last().Notes)
	})
}
