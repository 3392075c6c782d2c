package successive

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPulse(t *testing.T) {
	at := func(seconds int) time.Time { return time.Unix(int64(seconds), 0) }
	cpu := func(f float64) *float64 { return &f }
	var p Staleness
	require.False(t, p.Frozen(at(0)), "nothing seen is not frozen")
	for second := 0; second <= 30; second += 15 {
		require.False(t, p.Still("a", at(second)))
		require.False(t, p.Observe("a", cpu(7), at(second)))
	}
	require.True(t, p.Still("a", at(30)), "unchanged in two further polls and for 30 s")
	require.True(t, p.Frozen(at(30)))
	p.Observe(JobManagerProcess, cpu(1), at(30))
	require.True(t, p.Frozen(at(30)), "the JobManager's metrics arrive once more")
	p.Observe("b", cpu(1), at(30))
	require.False(t, p.Frozen(at(30)))
	p.Keep(nil)
	require.Len(t, p.changes, 1)
	require.False(t, p.Frozen(at(30)))
	p.Observe(JobManagerProcess, cpu(1), at(45))
	p.Observe(JobManagerProcess, cpu(1), at(60))
	require.True(t, p.Frozen(at(60)), "without TaskManagers the JobManager tells")
	p.Observe(JobManagerProcess, nil, at(60))
	require.Empty(t, p.changes)

	for second := 0; second <= 10; second += 5 {
		p.Observe("a", cpu(7), at(second))
	}
	require.False(t, p.Still("a", at(10)), "two polls within one refresh of Flink say nothing")
	p.Observe("a", nil, at(15))
	require.False(t, p.Still("a", at(60)))

	p.Observe("a", cpu(9), at(60))
	require.True(t, p.Observe("a", cpu(2), at(75)), "a JVM that has used less is another one")
}
