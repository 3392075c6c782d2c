package sharding

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// meeting is a test of two shards with a clock that the test moves.
type meeting struct {
	t      *testing.T
	groups *Groups
	clock  time.Time
	stored []scalerun.Test
}

func newMeeting(t *testing.T) *meeting {
	t.Helper()
	m := &meeting{t: t, clock: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)}
	m.groups = NewGroups(func(test scalerun.Test) error { m.stored = append(m.stored, test); return nil })
	m.groups.now = func() time.Time { return m.clock }
	return m
}

func shard(n int) scalerun.Shard {
	return scalerun.Shard{
		Member: string(rune('a' + n)), Shards: 2, Shard: n, Cluster: "c", Job: "j", Label: "l", Load: "10 records",
		Begun: &scalerun.Test{Run: "r", Label: "l", Job: "j"},
	}
}

func (m *meeting) report(s scalerun.Shard) scalerun.Group {
	m.t.Helper()
	group, err := m.groups.Report(s)
	require.NoError(m.t, err)
	return group
}

func (m *meeting) ready(n, iteration int) scalerun.Group {
	m.t.Helper()
	s := shard(n)
	s.Ready = iteration
	return m.report(s)
}

func slice(iteration int) *scalerun.Slice {
	v := 1.0
	rate := 5.0
	return &scalerun.Slice{Round: iteration, Arrived: 5, FirstSent: &v, LastAcknowledged: &v, Iteration: scalerun.Iteration{
		Iteration: iteration, Intended: 5, Sent: 5, Throughput: &rate,
	}}
}

func TestAnIterationBeginsWhenAllAreReady(t *testing.T) {
	m := newMeeting(t)
	first := m.ready(0, 1)
	require.Nil(t, first.BeginsInSeconds)
	require.Equal(t, []int{1}, first.Missing)
	second := m.ready(1, 1)
	require.Equal(t, first.Test, second.Test)
	require.InDelta(t, lead.Seconds(), *second.BeginsInSeconds, 0)
	m.clock = m.clock.Add(time.Second)
	require.InDelta(t, lead.Seconds()-1, *m.ready(0, 1).BeginsInSeconds, 0)
	require.Equal(t, []int{1}, m.ready(0, 2).Missing, "the other one still works")
	require.NotNil(t, m.ready(1, 2).BeginsInSeconds)

	_, err := m.groups.Report(scalerun.Shard{Member: "z", Shards: 2, Shard: 1, Cluster: "c", Job: "j", Label: "l", Load: "10 records"})
	require.ErrorIs(t, err, ErrTaken)
	_, err = m.groups.Report(scalerun.Shard{Member: "z", Shards: 2, Shard: 2})
	require.ErrorIs(t, err, ErrInvalid)
}

func TestTheResultIsMergedWhenAllHaveEnded(t *testing.T) {
	m := newMeeting(t)
	m.ready(0, 1)
	m.ready(1, 1)
	for n := range 2 {
		s := shard(n)
		s.Ready, s.Slice = 1, slice(1)
		m.report(s)
		m.report(s) // a repeated report counts once
	}
	ended := shard(0)
	ended.Ended = true
	require.Equal(t, []int{1}, m.report(ended).Missing)
	other := shard(1)
	other.Ended = true
	merged := m.report(other).Merged
	require.NotNil(t, merged)
	require.EqualValues(t, 10, merged.Iterations[0].Sent)
	require.Equal(t, "r", merged.Run)
	require.Equal(t, scalerun.OK, merged.Verdict)
	require.NotNil(t, m.report(ended).Merged)
	require.Len(t, m.stored, 1)

	fresh := shard(0)
	fresh.Member = "again"
	require.NotEqual(t, merged.ID, m.report(fresh).Test, "the same flags later are another test")
}

// TestALostShardIsNamed: the others end with what they have, and the result says who is missing.
func TestALostShardIsNamed(t *testing.T) {
	m := newMeeting(t)
	m.ready(0, 1)
	m.ready(1, 1)
	m.clock = m.clock.Add(silentFor + time.Second)
	require.Contains(t, m.ready(0, 2).Failed, "shard 1 did not report for 30s")
	ended := shard(0)
	ended.Ended, ended.Error = true, "shard 1 is lost"
	m.clock = m.clock.Add(time.Second)
	merged := m.report(ended).Merged
	require.NotNil(t, merged)
	require.Equal(t, scalerun.Aborted, merged.Verdict)
	require.Contains(t, merged.Reason, "shard 1")
	require.Empty(t, m.stored, "it has no number")
}

// TestAShardMayJoinAgainBeforeTheTestBegins, as a pod that was started again does.
func TestAShardMayJoinAgainBeforeTheTestBegins(t *testing.T) {
	m := newMeeting(t)
	m.ready(1, 1)
	again := shard(1)
	again.Member, again.Ready = "again", 1
	m.report(again)
	require.NotNil(t, m.ready(0, 1).BeginsInSeconds)
	require.NotNil(t, m.report(again).BeginsInSeconds)
}

// TestEachShardLearnsWhatAllMeasured, also of a round that only chooses the number of records,
// which is no part of the result.
func TestEachShardLearnsWhatAllMeasured(t *testing.T) {
	m := newMeeting(t)
	took := func(n, round int, calibration bool) scalerun.Group {
		s := shard(n)
		s.Ready, s.Slice = round, slice(round)
		s.Slice.Calibration, s.Slice.Iteration.Iteration = calibration, 1
		m.report(s)
		s.Slice, s.Took = nil, round
		return m.report(s)
	}
	m.ready(0, 1)
	m.ready(1, 1)
	first := took(0, 1, true)
	require.Nil(t, first.Measured)
	require.Equal(t, []int{1}, first.Missing)
	second := took(1, 1, true)
	require.EqualValues(t, 10, second.Measured.Sent)
	require.Equal(t, second.Measured, took(0, 1, true).Measured)
	took(0, 2, false)
	took(1, 2, false)

	one, other := shard(0), shard(1)
	one.ProfilesTaken = true
	require.True(t, m.report(one).ProfilesTaken)
	require.True(t, m.report(other).ProfilesTaken)
	one.Ended, one.Profiled, one.Warnings = true, &scalerun.Profiled{Episode: "e", Iteration: 1}, []string{"a", "b"}
	other.Ended, other.Warnings = true, []string{"b", "c"}
	m.report(one)
	merged := m.report(other).Merged
	require.Len(t, merged.Iterations, 1)
	require.Equal(t, "e", merged.Profiled.Episode)
	require.Equal(t, []string{"a", "b", "c"}, merged.Warnings)
	require.Equal(t, scalerun.OK, merged.Verdict)
}

// TestAShardIsToldOfALostOne while it waits for what all measured.
func TestAShardIsToldOfALostOne(t *testing.T) {
	m := newMeeting(t)
	m.ready(0, 1)
	m.ready(1, 1)
	m.clock = m.clock.Add(silentFor + time.Second)
	s := shard(0)
	s.Ready, s.Took, s.Slice = 1, 1, slice(1)
	group := m.report(s)
	require.Nil(t, group.Measured)
	require.Contains(t, group.Failed, "shard 1 did not report")
}
