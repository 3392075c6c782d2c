package synthetic_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// The job reads what others send and what the probe sends. The probe keeps its share, becomes
// faster when the traffic returns, and is not limited while the traffic is unknown.
func TestMaxShare(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.sinks = s.sinks[:1]
		s.startJob()
		defer s.job.end()
		view := &jobView{}
		view.state.Store("RUNNING")
		s.options.Job, s.options.Config.MaxSharePercent = view, 1
		s.start()
		defer s.stop()
		sent := func(d time.Duration) float64 {
			before := len(s.history.All())
			s.sleep(d)
			return float64(len(s.history.All()) - before)
		}
		require.InDelta(t, 240, sent(10*time.Minute), 8, "unknown: 4 records every 10 s")
		view.rate.Store(1000)
		require.InDelta(t, 240, sent(10*time.Minute), 8, "far below the share")
		view.rate.Store(4)
		sent(30 * time.Minute)
		// 1 % of 4 records/s are 144 an hour.
		require.InDelta(t, 144, sent(time.Hour), 8)
		view.rate.Store(idle)
		sent(2 * time.Hour)
		require.InDelta(t, 8, sent(2*time.Hour), 4, "one round an hour")
		require.InDelta(t, 3600, s.shows("round_interval_seconds"), 0)
		view.rate.Store(1000)
		require.InDelta(t, 240, sent(10*time.Minute), 30, "at once when the traffic returns")
		s.balanced()
	})
}

// The job reads 4 records/s in all. With a share of half of them, the probe sends 2.
func TestTheProbeIsNotItsOwnTraffic(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.sinks = s.sinks[:1]
		s.startJob()
		defer s.job.end()
		view := &jobView{}
		view.state.Store("RUNNING")
		view.rate.Store(4)
		s.options.Job, s.options.Config.MaxSharePercent = view, 50
		s.options.Config.Interval, s.options.Config.MaxRate = modelDuration(time.Second), 100
		s.options.Config.OnTimeWithin, s.options.Config.Cutoff = modelDuration(10*time.Second), modelDuration(10*time.Second)
		s.start()
		defer s.stop()
		s.sleep(20 * time.Minute) // at first all of it looks like the traffic of others
		require.InDelta(t, 2, s.shows("round_interval_seconds"), .3, "4 records every 2 s")
	})
}
