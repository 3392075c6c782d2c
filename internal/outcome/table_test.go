package outcome_test

import (
	"bytes"
	"encoding/csv"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

var update = flag.Bool("update", false, "write the goldens anew")

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// tableOf is the table of an import.
func tableOf(t *testing.T, text string, paired bool) outcome.Table {
	t.Helper()
	rows, err := outcome.Read([]byte(text), "csv", paired)
	require.NoError(t, err)
	return outcome.NewTable(rows.Tests(outcome.Import{Run: "r", Job: "j", Paired: paired}, now))
}

// records are the records of a table's CSV, without the header.
func records(t *testing.T, table outcome.Table) [][]string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, table.CSV(&out))
	all, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	require.Equal(t, "change,throughput,improvement_percent,step_percent,ci_low,ci_high,verdict,shape,latency_p50_seconds,"+
		"latency_p99_seconds,cpu_seconds_per_million,deployments,iterations", strings.Join(all[0], ","))
	return all[1:]
}

// TestStory imports the ten rows of the story that the project follows, and gets its
// percentages.
func TestStory(t *testing.T) {
	text, err := os.ReadFile("testdata/story.csv")
	require.NoError(t, err)
	table := tableOf(t, string(text), false)
	all := records(t, table)
	var improvements []string
	for i, r := range all {
		improvements = append(improvements, r[2])
		if i > 0 {
			require.Equal(t, "too few samples", r[6])
		}
		require.Empty(t, strings.Join(r[4:6], "")+strings.Join(r[7:12], ""))
		require.Equal(t, "1", r[12])
	}
	require.Equal(t, []string{
		"", "60.38", "105.07", "177.96", "207.63", "533.73", "552.44", "687.29", "1099.86", "1155.39",
	}, improvements)
	require.Equal(t, []string{"(baseline)", "100.8470771", "", "", "", "", "", "", "", "", "", "", "1"}, all[0])
	require.Equal(t, "27.87", all[2][3]) // 206.80778 / 161.7366539
	golden(t, "story", table)
}

// threeByThree has values whose logarithms can be followed: the baseline's are 100·e^(-0.01),
// 100, 100·e^0.01, those of the change are e^0.1 times as much.
const threeByThree = `label,deployment,iteration,throughput
base,1,1,99.00498337491681
base,2,1,100
base,3,1,101.00501670841680
change,1,1,109.41742837052104
change,2,1,110.51709180756477
change,3,1,111.62780704588713
`

// TestWelchRow: the error is √(2·0.01²/3) = 0.0081650 with 4 degrees of freedom, where t is
// 2.776445; the interval is e^(0.1 ± 0.0226695) - 1.
func TestWelchRow(t *testing.T) {
	table := tableOf(t, threeByThree, false)
	all := records(t, table)
	require.Equal(t, []string{"10.52", "10.52", "8.04", "13.05", "better"}, all[1][2:7])
	require.Equal(t, []string{"3", "3"}, all[1][11:])
	require.Equal(t, outcome.Welch, table.Rows[1].Method)
	// (2.776445 + 0.940965) · 0.0081650 = 0.0303526, and e^0.0303526 - 1 is 3.08 %.
	require.InDelta(t, 3.0818, *table.Rows[1].Detectable, 1e-3)
	golden(t, "welch", table)
}

// TestPairedRow pairs the same numbers: all differences are 0.1, so the interval is a point.
func TestPairedRow(t *testing.T) {
	table := tableOf(t, threeByThree, true)
	require.Equal(t, outcome.Paired, table.Rows[1].Method)
	require.Equal(t, []string{"10.52", "10.52", "10.52", "10.52", "better"}, records(t, table)[1][2:7])
}

func TestVerdicts(t *testing.T) {
	rows := func(changed string) string {
		text := "label,deployment,iteration,throughput\n"
		for i, v := range []string{"99", "100", "101"} {
			text += "base," + string(rune('1'+i)) + ",1," + v + "\n"
		}
		for i, v := range strings.Split(changed, " ") {
			text += "change," + string(rune('1'+i)) + ",1," + v + "\n"
		}
		return text
	}
	for changed, want := range map[string]outcome.Verdict{
		"119 120 121": outcome.Better,
		"79 80 81":    outcome.Worse,
		"103 104 105": outcome.Unclear, // the interval is above 0, the change is below 5 %
		"50 110 220":  outcome.Unclear, // the interval contains 0
		"119 120":     outcome.TooFew,
		"119":         outcome.TooFew,
	} {
		row := tableOf(t, rows(changed), false).Rows[1]
		require.Equal(t, want, row.Verdict, changed)
		require.Equal(t, want == outcome.TooFew, row.Low == nil, changed)
		require.Equal(t, want == outcome.TooFew, row.Detectable == nil, changed)
		require.NotNil(t, row.Improvement)
	}
}

// TestIterationsAreNoSamples: twenty iterations of one deployment have no interval.
func TestIterationsAreNoSamples(t *testing.T) {
	text := "label,deployment,iteration,throughput\n"
	for i := range 20 {
		text += fmt.Sprintf("base,7,%d,%d\n", i, 100+i)
	}
	for i := range 20 {
		text += fmt.Sprintf("change,7,%d,%d\n", i, 200+i)
	}
	row := tableOf(t, text, false).Rows[1]
	require.Equal(t, outcome.TooFew, row.Verdict)
	require.Equal(t, 1, *row.Deployments)
	require.Equal(t, 20, row.Iterations)
}

// own is a test as the scale test stores it, with an iteration that counts for each value,
// a warm-up and a flagged one.
func own(id int, label, deployment string, minute int, values ...float64) scalerun.Test {
	t := scalerun.Test{
		ID: string(rune('A' + id)), Run: "r", Job: "j", Label: label, Baseline: label == "base", OpensRun: id == 0,
		Deployment: deployment, Began: now.Add(time.Duration(minute) * time.Minute), Shape: "steady",
		Verdict: scalerun.OK, Environment: map[string]string{"parallelism": "2"},
	}
	it := func(v float64) scalerun.Iteration {
		return scalerun.Iteration{Throughput: &v, CPUPerMillion: new(v / 10), Sinks: map[string]scalerun.Sink{
			"fast": {Latency: scalerun.Latency{P50: new(0.1), P99: new(0.2)}},
			"slow": {Latency: scalerun.Latency{P50: new(0.5), P99: new(v / 100)}},
		}}
	}
	warm, flagged := it(1), it(1)
	warm.WarmUp, flagged.Flags = true, []string{"checkpoint"}
	t.Iterations = append(t.Iterations, warm, flagged)
	for _, v := range values {
		t.Iterations = append(t.Iterations, it(v))
	}
	return t
}

func alternating(minutes ...int) (tests []scalerun.Test) {
	for i, minute := range minutes {
		label, value := "base", 100.0+float64(i)
		if i%2 == 1 {
			label, value = "change", 130.0+2*float64(i)
		}
		tests = append(tests, own(i, label, string(rune('a'+i)), minute, value, value+2))
	}
	return tests
}

func TestOwnTestsArePairedWhereTheyAlternate(t *testing.T) {
	row := outcome.NewTable(alternating(0, 1, 2, 3, 4, 5)).Rows[1]
	require.Equal(t, outcome.Paired, row.Method)
	require.Equal(t, 3, *row.Deployments)
	require.Equal(t, 6, row.Iterations, "warm-up and flagged iterations do not count")
	require.NotNil(t, row.BetweenShare)
	require.InDelta(t, 0.5, *row.LatencyP50, 1e-12, "the slowest sink")
	require.InDelta(t, *row.Throughput/100, *row.LatencyP99, 1e-9, "the same mean")
	require.InDelta(t, *row.Throughput/10, *row.CPUPerMillion, 1e-9)

	for name, minutes := range map[string][]int{
		"one after the other": {0, 3, 1, 4, 2, 5},
		"not in pairs":        {0, 1, 3, 2, 4, 5},
	} {
		require.Equal(t, outcome.Welch, outcome.NewTable(alternating(minutes...)).Rows[1].Method, name)
	}
	more := append(alternating(0, 1, 2, 3, 4, 5), own(6, "base", "g", 6, 100))
	require.Equal(t, outcome.Welch, outcome.NewTable(more).Rows[1].Method, "unequal counts")
}

// TestTestsOfOneDeploymentAreOneValue: the same label on the same job id is no repetition.
func TestTestsOfOneDeploymentAreOneValue(t *testing.T) {
	tests := []scalerun.Test{own(0, "base", "a", 0, 100), own(1, "base", "a", 1, 102), own(2, "base", "a", 2, 104)}
	row := outcome.NewTable(tests).Rows[0]
	require.Equal(t, 1, *row.Deployments)
	require.Equal(t, 3, row.Iterations)
}

func TestShapesAreComparedWithThemselves(t *testing.T) {
	tests := []scalerun.Test{
		own(0, "base", "a", 0, 100), own(1, "base", "a", 1, 10), own(2, "change", "b", 2, 200), own(3, "change", "b", 3, 40),
		own(4, "ramp only", "c", 4, 7),
	}
	tests[1].Shape, tests[3].Shape, tests[4].Shape = "peak", "peak", "ramp"
	table := outcome.NewTable(tests)
	var got []string
	for _, r := range records(t, table) {
		got = append(got, r[0]+" "+r[7]+" "+r[2])
	}
	require.Equal(t, []string{
		"base steady ", "change steady 100.00", "base peak ", "change peak 300.00", "ramp only ramp ",
	}, got)
	require.Equal(t, outcome.TooFew, table.Rows[4].Verdict)
	require.Equal(t, []string{`there is no baseline of shape "ramp" (test the baseline with this shape)`}, table.Warnings)
}

func TestDoubtfulComparisonsWarn(t *testing.T) {
	tests := []scalerun.Test{own(0, "base", "a", 0, 100), own(1, "change", "b", 1, 200), own(2, "void", "c", 2, 200)}
	tests[1].Environment = map[string]string{"parallelism": "4"}
	tests[1].PayloadSeed, tests[2].Verdict = 5, scalerun.Void
	table := outcome.NewTable(tests)
	require.Equal(t, []string{
		"void: test C is void and does not count",
		"change: it differs from the baseline in more than the change: parallelism 2 → 4, payload seed 0 → 5 " +
			"(test both alike)",
	}, table.Warnings)
	require.Nil(t, table.Rows[2].Throughput)
	require.Nil(t, table.Rows[2].Improvement)
	require.Equal(t, outcome.TooFew, table.Rows[2].Verdict)
	golden(t, "doubtful", table)
}

func TestRunThatIsShown(t *testing.T) {
	tests := []scalerun.Test{ // newest first
		{ID: "8", Run: scalerun.OfEvaluations, Label: "night", Job: "j"},
		{ID: "7", Run: scalerun.OfEvaluations, Label: "first night", Job: "j", OpensRun: true},
		{ID: "6", Run: "old", Label: "late", Job: "j"},
		{ID: "5", Run: "new", Label: "change", Job: "j"},
		{ID: "4", Run: "new", Label: "of another job", Job: "other"},
		{ID: "3", Run: "new", Label: "base", Job: "j", OpensRun: true},
		{ID: "2", Run: "old", Label: "change", Job: "j"},
		{ID: "1", Run: "old", Label: "base", Job: "j", OpensRun: true},
	}
	ids := func(run string) (ids string) {
		for _, t := range outcome.Tests(run, slices.Values(tests)) {
			ids += t.ID
		}
		return ids
	}
	require.Equal(t, "35", ids(""))
	require.Equal(t, "126", ids("old"))
	require.Equal(t, "78", ids(scalerun.OfEvaluations))
	require.Empty(t, ids("none"))
	require.Empty(t, outcome.Tests("", slices.Values(tests[:4])))
}

// golden compares the text and the Markdown of a table with files.
func golden(t *testing.T, name string, table outcome.Table) {
	t.Helper()
	var text, markdown, coloured bytes.Buffer
	require.NoError(t, table.Text(&text, false))
	require.NoError(t, table.Markdown(&markdown))
	require.NoError(t, table.Text(&coloured, true))
	require.NotContains(t, text.String(), "\x1b")
	plain := strings.NewReplacer("\x1b[32m", "", "\x1b[31m", "", "\x1b[2m", "", "\x1b[0m", "").Replace(coloured.String())
	require.Equal(t, text.String(), plain)
	for ending, got := range map[string]string{".txt": text.String(), ".markdown": markdown.String()} {
		path := filepath.Join("testdata", name+ending)
		if *update {
			require.NoError(t, os.WriteFile(path, []byte(got), 0o644))
		}
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Equal(t, string(want), got, path)
	}
}
