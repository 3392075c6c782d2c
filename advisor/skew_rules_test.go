package advisor

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// hotCount is a vertex of which one subtask is twice as busy as the mean.
func hotCount() evidence.Vertex {
	return evidence.Vertex{Name: "count", Parallelism: 4, Busy: new(0.45), BusyMax: new(0.9)}
}

// A subtask that is busier with as many records as the others has no hot key.
func TestASlowSubtaskHasNoHotKey(t *testing.T) {
	v := hotCount()
	v.Keyed, v.HotRecords = new(true), new(1.49)
	adv := Rules(at(v))
	found := bySource(at(v))
	require.NotContains(t, found, "rule:key-skew")
	f := found["rule:slow-subtask"]
	require.Equal(t, cause.Other, f.Category)
	require.Equal(t, "One subtask of count is 2.0 times as busy as the mean, with 1.5 times as many records", f.Title)
	require.InDelta(t, 100, f.Impact.HighPercent, 0.1)
	require.InDelta(t, 1.49, *entry(t, adv, f.Evidence[len(f.Evidence)-1]).Value, 1e-9)

	v.HotRecords = new(1.5)
	require.NotContains(t, bySource(at(v)), "rule:slow-subtask", "its records explain it")
	require.Contains(t, bySource(at(v)), "rule:key-skew")

	v.Name, v.HotRecords = "Source: orders", new(1.1)
	require.NotContains(t, bySource(at(v)), "rule:source-skew")
	require.Contains(t, bySource(at(v)), "rule:slow-subtask")
}

// Without a key nothing but the vertex before gives one subtask more records.
func TestSkewWithoutKeys(t *testing.T) {
	v := hotCount()
	v.Keyed, v.HotRecords = new(false), new(2.0)
	f := bySource(at(v))["rule:key-skew"]
	require.Contains(t, f.Change, "rebalance() before count")
	require.NotContains(t, f.Change, "salt")
	v.Keyed = nil
	require.Contains(t, bySource(at(v))["rule:key-skew"].Change, "salt", "it is not known whether there are keys")
}

// 128 key groups on 100 subtasks give 28 of them two groups and the others one.
func TestSkewOfKeyGroups(t *testing.T) {
	v := hotCount()
	v.Keyed, v.HotRecords, v.Parallelism, v.MaxParallelism = new(true), new(1.6), 100, 128
	v.Busy, v.BusyMax = new(0.56), new(0.9)
	f := bySource(at(v))["rule:key-skew"]
	require.Contains(t, f.Why, "100 subtasks share 128 key groups: the busiest have 1.6 times as many as the mean")
	require.Contains(t, f.Change, "a parallelism that divides 128")
	v.BusyMax = new(1.0)
	require.Contains(t, bySource(at(v))["rule:key-skew"].Change, "salt", "the groups explain less than 0.9 of it")
	v.BusyMax, v.MaxParallelism = new(0.9), 0
	require.Contains(t, bySource(at(v))["rule:key-skew"].Change, "salt", "unknown")
}
