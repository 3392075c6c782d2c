package profiling

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
)

func TestLockOut(t *testing.T) {
	now := time.Date(2026, 11, 22, 23, 50, 0, 0, time.UTC)
	budget := NewBudget(3, 0, func() time.Time { return now })
	budget.LockOut("join")
	require.EqualError(t, budget.Spend("join", 1), "profiling: join: a TaskManager went away during or soon "+
		"after its profile, cause not known (read its log; sidecar resume profiling ends this precaution, otherwise "+
		"it ends after a day)")
	require.NoError(t, budget.Spend("sink", 1))
	budget.Unlock()
	require.NoError(t, budget.Spend("join", 1))
	budget.LockOut("join")
	now = now.Add(24 * time.Hour)
	require.NoError(t, budget.Spend("join", 1))
	require.Empty(t, budget.LockedOut(), "they have ended")
}

func TestLockOutsOutliveTheProcess(t *testing.T) {
	now := time.Date(2026, 11, 22, 23, 50, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	before, after := NewBudget(3, 0, clock), NewBudget(3, 0, clock)
	before.LockOut("join")
	now = now.Add(time.Hour)
	after.RestoreLocks(before.LockedOut())
	require.Error(t, after.Spend("join", 1))
	require.Equal(t, map[string]time.Time{"join": now.Add(23 * time.Hour)}, after.LockedOut())
	after.RestoreLocks(map[string]time.Time{"join": now.AddDate(1, 0, 0), "sink": now.AddDate(-1, 0, 0)})
	require.Equal(t, map[string]time.Time{"join": now.Add(24 * time.Hour)}, after.LockedOut())
}

func TestBudget(t *testing.T) {
	now := time.Date(2026, 11, 22, 23, 50, 0, 0, time.UTC)
	budget := NewBudget(3, 30*time.Minute, func() time.Time { return now })
	require.NoError(t, budget.Spend("join", 1))
	require.EqualError(t, budget.Spend("join", 1), "profiling: join: it was profiled not long ago: ready again in "+
		"30 min (wait, lower profiling.cooldown, or run sidecar profile take)")
	require.NoError(t, budget.Spend("sink", 1))
	require.Equal(t, 1, budget.Left())

	now = now.Add(30 * time.Minute) // past midnight, which changes nothing
	require.NoError(t, budget.Spend("join", 1))
	require.EqualError(t, budget.Spend("source", 1), "profiling: source: today's profiles are used up "+
		"(wait, raise profiling.per_day, or run sidecar profile take)")
	require.Zero(t, budget.Left())
	require.InDelta(t, 0, testutil.ToFloat64(BudgetLeft(budget)), 0)

	now = now.Add(24*time.Hour - 30*time.Minute)
	require.Equal(t, 2, budget.Left())
	require.NoError(t, budget.Spend("source", 1))
	require.InDelta(t, 1, testutil.ToFloat64(BudgetLeft(budget)), 0)
}

func TestBudgetIsRestored(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	budget := NewBudget(2, time.Hour, func() time.Time { return now })
	budget.Restore("join", now.Add(-25*time.Hour))
	budget.Restore("join", now.Add(-10*time.Minute))
	require.Equal(t, 1, budget.Left())
	require.EqualError(t, budget.Spend("join", 1), "profiling: join: it was profiled not long ago: ready again in "+
		"50 min (wait, lower profiling.cooldown, or run sidecar profile take)")
}

// A clock that is set back neither opens the budget nor locks it for long.
func TestBudgetWhenTheClockIsSetBack(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	budget := NewBudget(1, time.Hour, func() time.Time { return now })
	require.NoError(t, budget.Spend("join", 1))
	now = now.Add(-48 * time.Hour)
	require.ErrorContains(t, budget.Spend("join", 1), "ready again in 1 h")
	require.Zero(t, budget.Left())
	now = now.Add(24 * time.Hour)
	require.Equal(t, 1, budget.Left())
}

func TestBudgetOfAVisit(t *testing.T) {
	now := time.Unix(1_800_000_000, 0)
	budget := NewBudget(3, time.Hour, func() time.Time { return now })
	require.NoError(t, budget.Spend("join", 2), "two modes are one visit")
	require.Equal(t, 1, budget.Left())
	require.EqualError(t, budget.Spend("sink", 2),
		"profiling: sink: today's profiles are used up (wait, raise profiling.per_day, or run sidecar profile take)")
	require.Equal(t, 1, budget.Left(), "a visit is taken whole or not at all")
}
