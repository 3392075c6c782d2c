package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/prediction"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// repairs are the categories whose findings ask for each repair of the ladder.
var repairs = map[string]string{
	"fewer, larger bulks":       "sink-batching",
	"no JSON between operators": "json-parsing",
	"one JSON mapper":           "object-mapper-per-record",
	"POJO in place of Kryo":     "generic-serialization",
	"explicit types":            "generic-serialization",
	"no hot key":                "hot-key",
	"asynchronous lookups":      "blocking-io",
	"larger checkpoint files":   "checkpoint-upload",
	"fewer checkpoints":         "checkpoint-interval",
}

// faults are the categories whose findings ask for the repair of each fault of make ladder-fault.
var faults = map[string]string{
	"single-record bulks":           "sink-batching",
	"JSON between operators":        "json-parsing",
	"a JSON mapper for each record": "object-mapper-per-record",
	"Kryo":                          "generic-serialization",
	"types not declared":            "generic-serialization",
	"a hot key":                     "hot-key",
	"blocking lookups":              "blocking-io",
	"small checkpoint files":        "checkpoint-upload",
	"many checkpoints":              "checkpoint-interval",
}

// TestReadmeLadder recounts the ladder with the product's own commands, from the iterations that
// make ladder measured on the real stack: each row has one repair more than the row before.
func TestReadmeLadder(t *testing.T) {
	t.Parallel()
	ask := onHistory(t)
	rows := ladderRows(t, ask, "ladder-second")
	want := "| one repair more in each row | records/s | step | 95 % interval | verdict | all steps |\n" +
		"|---|---:|---:|---:|---|---:|\n"
	for i, row := range rows[1:] {
		step, interval, verdict := "", "", ""
		if i > 0 {
			require.Contains(t, repairs, row[0])
			var c outcome.Comparison
			text := ask("history", "compare", rows[i][0], row[0], "--run=ladder-second", "--format=json")
			require.NoError(t, json.Unmarshal([]byte(text), &c))
			require.Len(t, c.Shapes, 1)
			s := c.Shapes[0]
			step, verdict = fmt.Sprintf("%+.0f %%", *s.Throughput.Change), string(s.Verdict)
			interval = between(s.Low, s.High)
		}
		want += fmt.Sprintf("| %s | %s | %s | %s | %s | %s |\n", row[0], number(t, row[1], 0, "%.*f"), step, interval,
			verdict, number(t, row[2], 0, "%+.*f %%"))
	}
	documenttest.Hold(t, "../../README.md", "ladder", want, *update)
	last, first := rows[len(rows)-1], ladderRows(t, ask, "ladder")
	documenttest.Says(t, "../../README.md", fmt.Sprintf("All repairs together are %.1f times the baseline (%.1f to %.1f): the "+
		"goal of 10 times is met on this machine. The ladder of the day before, on another one, gave %.1f times.",
		times(t, last[2]), times(t, last[4]), times(t, last[5]), times(t, first[len(first)-1][2])))
}

// ladderRows is the table of a ladder: a header, the baseline and the repairs.
func ladderRows(t *testing.T, ask func(args ...string) string, ladder string) [][]string {
	t.Helper()
	ask("history", "import", "--format=csv", "--paired", "--run="+ladder, "testdata/"+ladder+".csv")
	rows := readTable(t, ask("history", "table", "--run="+ladder, "--format=csv"))
	require.Len(t, rows, 2+len(repairs))
	return rows
}

// times is an improvement in percent as a multiple.
func times(t *testing.T, percent string) float64 {
	t.Helper()
	return 1 + decimal(t, percent)/100
}

// between is an interval in percent; empty if it is unknown.
func between(low, high *float64) string {
	if low == nil || high == nil {
		return ""
	}
	return fmt.Sprintf("%.0f to %.0f %%", *low, *high)
}

// predictedBy is the interval of a prediction.
func predictedBy(i episode.Impact) string {
	if i.HighPercent < 1 { // as the product says it
		return "below 1 %"
	}
	return between(&i.LowPercent, &i.HighPercent)
}

// TestPredictedAgainstMeasured puts what the advice predicted before each repair of the ladder
// beside what the repair gained. The product's own rule judges it.
func TestPredictedAgainstMeasured(t *testing.T) {
	t.Parallel()
	documenttest.Hold(t, "../../docs/advice.md", "predictions", predictedTable(t, "ladder"), *update)
}

// TestPredictedOfTheSecondLadder is the same of a ladder on another machine, after the rules were changed.
func TestPredictedOfTheSecondLadder(t *testing.T) {
	t.Parallel()
	documenttest.Hold(t, "../../docs/advice.md", "predictions of the second ladder", predictedTable(t, "ladder-second"), *update)
}

// TestPredictedAlone is the same of repairs that are made alone: what the advice on the baseline
// predicts needs no other repair then.
func TestPredictedAlone(t *testing.T) {
	t.Parallel()
	documenttest.Hold(t, "../../docs/advice.md", "predictions alone", predictedTable(t, "single"), *update)
}

// TestPredictedAnew is the same of a measurement after the rules were changed: the advice on its
// baseline is older than its repairs.
func TestPredictedAnew(t *testing.T) {
	t.Parallel()
	documenttest.Hold(t, "../../docs/advice.md", "predictions anew", predictedTable(t, "single-second"), *update)
}

// repair is a step from one row of a ladder to another, and the category of the findings that ask for it.
type repair struct{ name, category, before, after string }

// predictedTable has a row for each repair of a ladder. In "single" and "single-second" each follows
// the baseline, else the row before.
func predictedTable(t *testing.T, ladder string) string {
	t.Helper()
	tests, labels := ladderTests(t, ladder)
	steps := stepsOf
	if strings.HasPrefix(ladder, "single") {
		steps = aloneOf
	}
	return predictedRows(t, tests, steps(labels), ladderAdvice(t, ladder))
}

// stepsOf are the repairs of a ladder: each row has one more than the row before.
func stepsOf(labels []string) (all []repair) {
	for i, label := range labels[1:] {
		all = append(all, repair{label, repairs[label], labels[i], label})
	}
	return all
}

// aloneOf are repairs that each follow the baseline.
func aloneOf(labels []string) (all []repair) {
	for _, label := range labels[1:] {
		all = append(all, repair{label, repairs[label], labels[0], label})
	}
	return all
}

// faultsOf are the repairs of one fault each. The first row of that ladder is the job without a fault.
func faultsOf(labels []string) (all []repair) {
	for _, label := range labels[1:] {
		all = append(all, repair{label, faults[label], label, labels[0]})
	}
	return all
}

// TestPredictedOfSingleFaults: the advice on a job with one fault, beside what its repair gains.
func TestPredictedOfSingleFaults(t *testing.T) {
	t.Parallel()
	tests, labels := ladderTests(t, "fault")
	require.Len(t, labels, 1+len(faults))
	for _, label := range labels[1:] {
		require.Contains(t, faults, label)
	}
	documenttest.Hold(t, "../../docs/advice.md", "predictions of single faults",
		predictedRows(t, tests, faultsOf(labels), ladderAdvice(t, "fault")), *update)
}

// predictedRows puts the advice on each label beside the repairs.
func predictedRows(
	t *testing.T, tests []scalerun.Test, repairs []repair, advised map[string][]episode.Finding,
) string {
	t.Helper()
	want, results := judgedRows(t, tests, repairs, advised)
	judged := prediction.Record{Results: results}
	return want + fmt.Sprintf("\nHits: %d of %d predictions that could be judged.\n", results[episode.Hit], judged.Judged())
}

// judgedRows are the rows of predictedRows, and how many predictions have which result.
func judgedRows(
	t *testing.T, tests []scalerun.Test, repairs []repair, advised map[string][]episode.Finding,
) (string, map[episode.OutcomeResult]int) {
	t.Helper()
	want := "| repair | advised by | predicted | measured | 95 % interval | outcome |\n|---|---|---:|---:|---:|---|\n"
	results := map[episode.OutcomeResult]int{}
	for _, r := range repairs {
		change := prediction.Change{By: episode.ByMark, Before: r.before, After: r.after}
		d, _, ok := outcome.BetweenEpochs(tests, tests[0].JobRef(), change.Before, change.After)
		require.True(t, ok, r.name)
		by, predicted, says := "–", "", "not advised"
		if f, found := firstOf(advised[r.before], r.category); found {
			by, says = "`"+strings.TrimPrefix(f.Source, "rule:")+"`", "no interval predicted"
			if f.Impact != nil {
				o := prediction.Measure(f, change, prediction.Data{Job: tests[0].JobRef(), ScaleTests: tests, Now: time.Now()})
				results[o.Result]++
				predicted, says = predictedBy(*f.Impact), saysOf(o)
			}
		}
		want += fmt.Sprintf("| %s | %s | %s | %+.0f %% | %s | %s |\n", r.name, by, predicted, stat.Percent(d.Estimate),
			between(new(stat.Percent(d.Low)), new(stat.Percent(d.High))), says)
	}
	return want, results
}

// TestPredictionsTogether counts the predictions of all measurements. The baseline that was judged again
// is none.
func TestPredictionsTogether(t *testing.T) {
	t.Parallel()
	total := prediction.Record{Results: map[episode.OutcomeResult]int{}}
	for ladder, steps := range map[string]func(labels []string) []repair{
		"ladder": stepsOf, "ladder-second": stepsOf, "single": aloneOf, "single-second": aloneOf, "fault": faultsOf,
	} {
		tests, labels := ladderTests(t, ladder)
		_, results := judgedRows(t, tests, steps(labels), ladderAdvice(t, ladder))
		for result, n := range results {
			total.Results[result] += n
		}
	}
	low, high := total.HitRate()
	documenttest.Says(t, "../../docs/advice.md", fmt.Sprintf("**Together** these five measurements have %d predictions that could "+
		"be judged, and %d of them hold the gain. So few say that the true share is between %.0f and %.0f %%.",
		total.Judged(), total.Results[episode.Hit], 100*low, 100*high))
}

// saysOf is an outcome in words.
func saysOf(o episode.Outcome) string {
	if o.Reason == "" {
		return string(o.Result)
	}
	return string(o.Result) + ": " + o.Reason
}

// ladderTests are the scale tests of the ladder, and its labels in their order. Each label is an
// epoch: the job has other arguments.
func ladderTests(t *testing.T, ladder string) (tests []scalerun.Test, labels []string) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + ladder + ".csv")
	require.NoError(t, err)
	rows, err := outcome.Read(text, "csv", true)
	require.NoError(t, err)
	tests = rows.Tests(outcome.Import{Run: ladder, Job: "orders", Paired: true}, time.Now())
	for i := range tests {
		tests[i].EpochKey, tests[i].Shape = tests[i].Label, "steady"
		if len(labels) == 0 || labels[len(labels)-1] != tests[i].Label {
			labels = append(labels, tests[i].Label)
		}
	}
	return tests, labels
}

// ladderAdvice are the findings of the first round by label, in the order of their rank, as
// sidecar history export wrote them.
func ladderAdvice(t *testing.T, ladder string) map[string][]episode.Finding {
	t.Helper()
	labels := map[string]string{} // by episode
	named, _, _ := strings.Cut(ladder, "-")
	for _, row := range exported(t, "testdata/"+ladder+"-episodes.csv") {
		var label, run string
		if _, err := fmt.Sscanf(row["summary"], "scale test %q of run %s", &label, &run); err == nil && run == named {
			labels[row["id"]] = label
		}
	}
	advised := map[string][]episode.Finding{}
	for _, row := range exported(t, "testdata/"+ladder+"-findings.csv") {
		label, ofLadder := labels[row["episode"]]
		if !ofLadder {
			continue // an episode of its own, such as a trouble of the job
		}
		f := episode.Finding{ID: row["id"], Category: row["category"], Source: row["source"], Title: row["title"]}
		var err error
		f.Rank, err = strconv.Atoi(row["rank"])
		require.NoError(t, err)
		if row["impact_high_percent"] != "" {
			f.Impact = &episode.Impact{
				LowPercent: decimal(t, row["impact_low_percent"]), HighPercent: decimal(t, row["impact_high_percent"]),
			}
		}
		require.Len(t, advised[label], f.Rank-1, "findings are in the order of their rank")
		advised[label] = append(advised[label], f)
	}
	return advised
}

// exported reads a table that sidecar history export wrote.
func exported(t *testing.T, file string) (rows []map[string]string) {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	all := readTable(t, string(text))
	for _, cells := range all[1:] {
		row := map[string]string{}
		for i, name := range all[0] {
			row[name] = cells[i]
		}
		rows = append(rows, row)
	}
	require.NotEmpty(t, rows)
	return rows
}

func decimal(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}

// firstOf is the finding of a category with the best rank; one that predicts an interval comes
// before those that do not.
func firstOf(findings []episode.Finding, category string) (first episode.Finding, found bool) {
	for _, f := range findings {
		if f.Category == category && (!found || first.Impact == nil && f.Impact != nil) {
			first, found = f, true
		}
	}
	return first, found
}
