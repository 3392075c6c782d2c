package outcome_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// measured are three tests of each label, on a deployment each, one label after the other.
func measured(values map[string]float64, labels ...string) (tests []scalerun.Test) {
	for i, label := range labels {
		for j := range 3 {
			n := 3*i + j
			tests = append(tests, own(n, label, fmt.Sprint(n), n, values[label]*(0.99+0.01*float64(j))))
		}
	}
	return tests
}

func comparisonOf(t *testing.T, tests []scalerun.Test, base, changed string) outcome.Comparison {
	t.Helper()
	c, err := outcome.Compare(tests, base, changed, 20)
	require.NoError(t, err)
	return c
}

// TestLargeRegressions: the throughput must be worse, and ten percent lower at least. The other figures
// become better with it.
func TestLargeRegressions(t *testing.T) {
	require.Equal(t, 10, outcome.LargeRegression, "docs/history.md and the help say so")
	for changed, want := range map[float64]struct {
		verdict outcome.Verdict
		large   bool
	}{
		115:  {outcome.Better, false},
		100:  {outcome.Unclear, false},
		92:   {outcome.Worse, false},
		90.1: {outcome.Worse, false},
		89.9: {outcome.Worse, true},
		50:   {outcome.Worse, true},
	} {
		c := comparisonOf(t, measured(map[string]float64{"base": 100, "new": changed}, "base", "new"), "base", "new")
		require.Len(t, c.Shapes, 1)
		require.Equal(t, want.verdict, c.Shapes[0].Verdict, changed)
		require.Equal(t, want.large, c.LargeRegression, changed)
		require.Equal(t, want.large, c.Shapes[0].LargeRegression, changed)
	}
	// Far below, but from too few deployments, proves nothing.
	few := []scalerun.Test{own(0, "base", "a", 0, 100), own(1, "new", "b", 1, 10)}
	c := comparisonOf(t, few, "base", "new")
	require.Equal(t, outcome.TooFew, c.Shapes[0].Verdict)
	require.InDelta(t, -90, *c.Shapes[0].Throughput.Change, 1e-9)
	require.False(t, c.LargeRegression)
}

// TestLargeRegressionsOfOtherFigures: as with an evaluation, two of throughput, p99 and CPU time that are
// worse by 20 %, or one by 40 %. What is not worse for sure does not count.
func TestLargeRegressionsOfOtherFigures(t *testing.T) {
	for _, test := range []struct {
		throughput, p99, cpu float64 // what the new label multiplies
		large                bool
	}{
		{1, 1, 1, false},
		{1, 1.39, 1, false},
		{1, 1.41, 1, true},
		{1, 1, 1.41, true},
		{1, 1.21, 1.21, true},
		{1, 1.19, 1.39, false},
		{1.5, 1.21, 1.21, true},
		{0.92, 1.39, 1, false},
		{0.89, 1, 1, true},
	} {
		tests := measured(map[string]float64{"base": 100, "new": 100}, "base", "new")
		for i := 3; i < len(tests); i++ {
			for j := range tests[i].Iterations {
				it := &tests[i].Iterations[j]
				*it.Throughput *= test.throughput
				*it.CPUPerMillion *= test.cpu
				for _, sink := range it.Sinks {
					*sink.Latency.P99 *= test.p99
				}
			}
		}
		c := comparisonOf(t, tests, "base", "new")
		require.Equal(t, test.large, c.LargeRegression, "%+v", test)
		few := comparisonOf(t, append(tests[:2:2], tests[3:5]...), "base", "new")
		require.False(t, few.LargeRegression, "two deployments prove nothing")
		var text bytes.Buffer
		require.NoError(t, c.Text(&text, false))
		require.Equal(t, test.large, strings.Contains(text.String(), "large regression: "), text.String())
	}
}

// TestComparisonAgreesWithTheTable: the base may be any label, and that of the run gives the
// numbers of the table.
func TestComparisonAgreesWithTheTable(t *testing.T) {
	tests := measured(map[string]float64{"base": 100, "second": 130, "third": 104}, "base", "second", "third")
	row := outcome.NewTable(tests).Rows[1]
	shape := comparisonOf(t, tests, "base", "second").Shapes[0]
	require.Equal(t, row.Improvement, shape.Throughput.Change)
	require.Equal(t, row.Low, shape.Low)
	require.Equal(t, row.High, shape.High)
	require.Equal(t, row.LatencyP99, shape.LatencyP99.New)
	require.InDelta(t, 30, *shape.LatencyP99.Change, 1e-9, "p99 of own is a hundredth of the throughput")
	require.InDelta(t, 0, *shape.LatencyP50.Change, 1e-9)
	require.InDelta(t, 13, *shape.CPUPerMillion.New, 0.01)

	back := comparisonOf(t, tests, "second", "third")
	require.True(t, back.LargeRegression)
	require.InDelta(t, -20, *back.Shapes[0].Throughput.Change, 1e-9)
}

// TestLatencyAndCPUAreJudged: they have the statistics of the throughput, and less is better. In the
// tests of own they are shares of the throughput, so all have one interval.
func TestLatencyAndCPUAreJudged(t *testing.T) {
	c := comparisonOf(t, alternating(0, 1, 2, 3, 4, 5), "base", "change").Shapes[0]
	require.Equal(t, outcome.Better, c.Verdict)
	for _, j := range []outcome.Judged{c.LatencyP99, c.CPUPerMillion} {
		require.Equal(t, outcome.Worse, j.Verdict)
		require.Equal(t, outcome.Paired, j.Method)
		require.InDelta(t, *c.Throughput.Change, *j.Change, 1e-9)
		require.InDelta(t, *c.Low, *j.Low, 1e-9)
		require.InDelta(t, *c.High, *j.High, 1e-9)
		require.InDelta(t, *c.Detectable, *j.Detectable, 1e-9)
	}
	require.Equal(t, outcome.Unclear, c.LatencyP50.Verdict)

	back := comparisonOf(t, measured(map[string]float64{"base": 100, "new": 80}, "base", "new"), "base", "new").Shapes[0]
	require.Equal(t, outcome.Worse, back.Verdict)
	require.Equal(t, outcome.Better, back.CPUPerMillion.Verdict)
	require.Equal(t, outcome.Welch, back.CPUPerMillion.Method)
}

// TestFiguresThatSomeDeploymentsLack: a deployment that does not know a figure does not count for it,
// nor does its pair, and a value of 0 has no logarithm.
func TestFiguresThatSomeDeploymentsLack(t *testing.T) {
	eight := alternating(0, 1, 2, 3, 4, 5, 6, 7)
	whole := comparisonOf(t, eight[2:], "base", "change").Shapes[0].CPUPerMillion
	lack := func(cpu *float64, tests ...int) outcome.Judged {
		some := alternating(0, 1, 2, 3, 4, 5, 6, 7)
		for _, n := range tests {
			for i := range some[n].Iterations {
				some[n].Iterations[i].CPUPerMillion = cpu
			}
		}
		return comparisonOf(t, some, "base", "change").Shapes[0].CPUPerMillion
	}
	one := lack(nil, 0)
	require.Equal(t, outcome.Paired, one.Method)
	require.InDelta(t, *whole.Low, *one.Low, 1e-9)
	require.InDelta(t, *whole.High, *one.High, 1e-9)

	two := lack(nil, 0, 2)
	require.Equal(t, outcome.TooFew, two.Verdict)
	require.NotNil(t, two.Change)
	require.Nil(t, two.Low)
	require.Equal(t, outcome.Judged{}, lack(nil, 0, 1, 2, 3, 4, 5, 6, 7), "nothing is known")

	zero := lack(new(0.0), 1, 3)
	require.Equal(t, outcome.TooFew, zero.Verdict)
	require.InDelta(t, (0+0+14.1+14.5)/4, *zero.New, 1e-9, "the arithmetic mean")
}

func TestLabelsThatAreMissing(t *testing.T) {
	tests := measured(map[string]float64{"base": 100, "new": 100}, "base", "new")
	_, err := outcome.Compare(tests, "main", "new", 20)
	require.EqualError(t, err, `the run has no label "main" (it has "base", "new"; --run names another run)`)
	_, err = outcome.Compare(tests, "base", "nwe", 20)
	require.ErrorContains(t, err, `no label "nwe"`)
	_, err = outcome.Compare(tests, "new", "new", 20)
	require.EqualError(t, err, `"new" is compared with itself (name two labels)`)
	for i := range tests[:3] {
		tests[i].Verdict = scalerun.Void
	}
	_, err = outcome.Compare(tests, "base", "new", 20)
	require.ErrorContains(t, err, `"base" and "new" cannot be compared: there is no shape`)
}

func TestShapesOfAComparison(t *testing.T) {
	tests := measured(map[string]float64{"base": 100, "new": 115}, "base", "new")
	for _, slow := range measured(map[string]float64{"base": 100, "new": 60}, "base", "new") {
		slow.Shape = "peak"
		tests = append(tests, slow)
	}
	ramp := own(20, "new", "r", 20, 5)
	ramp.Shape = "ramp"
	c := comparisonOf(t, append(tests, ramp), "base", "new")
	require.Len(t, c.Shapes, 2)
	require.Equal(t, "peak", c.Shapes[0].Shape)
	require.True(t, c.Shapes[0].LargeRegression)
	require.False(t, c.Shapes[1].LargeRegression)
	require.True(t, c.LargeRegression)
	require.Equal(t, []string{`only one of the labels has tests of shape "ramp" (test both alike)`}, c.Warnings)
}

// TestSinksOfAComparison: a sink that one label lacks is a difference, if the sinks of both are known.
func TestSinksOfAComparison(t *testing.T) {
	environments := func(base, changed map[string]string) []outcome.Difference {
		tests := measured(map[string]float64{"base": 100, "new": 115}, "base", "new")
		for i := range tests {
			tests[i].Environment = base
			if tests[i].Label == "new" {
				tests[i].Environment = changed
			}
		}
		return comparisonOf(t, tests, "base", "new").Environment
	}
	require.Equal(t, []outcome.Difference{
		{Name: "sink_es", Base: []string{"index a"}, New: []string{"index b"}},
		{Name: "sink_file", Base: []string{"x"}, New: []string{"none"}},
		{Name: "sink_kafka", Base: []string{"none"}, New: []string{"y"}},
	}, environments(map[string]string{"sink_es": "index a", "sink_file": "x", "read of one side only": "1"},
		map[string]string{"sink_es": "index b", "sink_kafka": "y"}))
	require.Empty(t, environments(map[string]string{"sink_file": "x"}, map[string]string{"parallelism": "2"}))
}

// TestFormsOfAComparison has other environments, a test that is void, and markup in a label.
func TestFormsOfAComparison(t *testing.T) {
	tests := measured(map[string]float64{"base": 100, "a|b <i>": 80}, "base", "a|b <i>")
	tests[4].Environment = map[string]string{"parallelism": "4", "known of one side only": "x"}
	tests[5].PayloadSeed = 7
	tests = append(tests, own(30, "a|b <i>", "v", 30, 1))
	tests[6].Verdict, tests[6].Environment = scalerun.Void, map[string]string{"parallelism": "64"}
	c := comparisonOf(t, tests, "base", "a|b <i>")
	require.Equal(t, []outcome.Difference{
		{Name: "parallelism", Base: []string{"2"}, New: []string{"2", "4"}},
		{Name: "payload seed", Base: []string{"0"}, New: []string{"0", "7"}},
	}, c.Environment)

	var text, markdown, coloured, asJSON, asCSV bytes.Buffer
	require.NoError(t, c.CSV(&asCSV))
	require.NoError(t, c.Text(&text, false))
	require.NoError(t, c.Text(&coloured, true))
	require.Contains(t, coloured.String(), "\x1b[31mworse\x1b[0m")
	require.NoError(t, c.Markdown(&markdown))
	encoder := json.NewEncoder(&asJSON)
	encoder.SetIndent("", "  ")
	require.NoError(t, encoder.Encode(c))
	for suffix, got := range map[string][]byte{
		"txt": text.Bytes(), "markdown": markdown.Bytes(), "json": asJSON.Bytes(),
		"csv": asCSV.Bytes(),
	} {
		path := "testdata/comparison." + suffix
		if *update {
			require.NoError(t, os.WriteFile(path, got, 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), path)
	}
}
