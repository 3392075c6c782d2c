package changepoint_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint/changepointtest"
)

// found are the indices of the steps of a series.
func found(values []float64) (points []int) {
	for _, s := range changepoint.Detect(values, changepoint.DefaultSettings()) {
		points = append(points, s.Index)
	}
	return points
}

// TestCorpus counts what is found in series whose changes are known: 100 of each kind with
// changes and 100 without. The settings were chosen on another seed.
func TestCorpus(t *testing.T) {
	all, false100 := changepointtest.Score{}, map[changepointtest.Kind]int{}
	kinds := map[changepointtest.Kind]*changepointtest.Score{}
	for _, kind := range changepointtest.Kinds() {
		kinds[kind] = &changepointtest.Score{}
	}
	for _, series := range changepointtest.Corpus(changepointtest.PerKind, changepointtest.Seed) {
		points := found(series.Values)
		all.Add(series.Points, points)
		kinds[series.Kind].Add(series.Points, points)
		if len(series.Points) == 0 {
			false100[series.Kind] += len(points)
		}
	}
	for _, kind := range changepointtest.Kinds() {
		t.Logf("%s: F1 %.3f of %+v, false in 100 series without a change: %d", kind, kinds[kind].F1(), *kinds[kind], false100[kind])
		require.LessOrEqual(t, false100[kind], 6, kind)
	}
	t.Logf("all: F1 %.3f of %+v", all.F1(), all)
	documented(t, fmt.Sprintf("| **%.3f** | %d | **%.3f** | %d | **%.3f** | %d | **%.3f** |",
		kinds[changepointtest.Independent].F1(), false100[changepointtest.Independent],
		kinds[changepointtest.Wandering].F1(), false100[changepointtest.Wandering],
		kinds[changepointtest.Outlying].F1(), false100[changepointtest.Outlying], all.F1()))
	require.GreaterOrEqual(t, all.F1(), 0.92)
	require.GreaterOrEqual(t, kinds[changepointtest.Independent].F1(), 0.95)
	require.GreaterOrEqual(t, kinds[changepointtest.Wandering].F1(), 0.85)
	require.GreaterOrEqual(t, kinds[changepointtest.Outlying].F1(), 0.93)
}

// TestExcursions counts the series in which both ends of a short change are found.
func TestExcursions(t *testing.T) {
	row := "| the sidecar |"
	for _, length := range []int{4, 6, 8, 10, 15} {
		n := 0
		for _, series := range changepointtest.Excursions(length) {
			if changepointtest.All(series.Points, found(series.Values)) {
				n++
			}
		}
		row += fmt.Sprintf(" %d |", n)
	}
	documented(t, row)
}

// documented fails if docs/benchmarks.md does not have a text.
func documented(t *testing.T, text string) {
	t.Helper()
	raw, err := os.ReadFile("../../../docs/benchmarks.md")
	require.NoError(t, err)
	require.Contains(t, string(raw), text)
}

// TestScoreCountsEachPointOnce: two points at one change are one right and one wrong.
func TestScoreCountsEachPointOnce(t *testing.T) {
	var s changepointtest.Score
	s.Add([]int{50, 100}, []int{49, 52, 106})
	require.Equal(t, changepointtest.Score{Right: 1, Wrong: 2, Missed: 1}, s)
	require.InDelta(t, 0.4, s.F1(), 1e-9)
	require.Zero(t, changepointtest.Score{Missed: 1}.F1())
}
