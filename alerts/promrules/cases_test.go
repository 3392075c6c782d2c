package promrules

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
)

// The kinds of cases of promtool test rules.
const (
	fires   = "fires"
	silent  = "is silent"
	restart = "is silent across a restart of the job"
	// anew is for alerts on processes: in Kubernetes a TaskManager that comes back has a new id.
	anew = "is silent for a new TaskManager"
)

type promtoolFile struct {
	RuleFiles []string       `yaml:"rule_files"`
	Interval  string         `yaml:"evaluation_interval"`
	Tests     []promtoolCase `yaml:"tests"`
}

type promtoolCase struct {
	Name     string          `yaml:"name"`
	Interval string          `yaml:"interval"`
	Input    []promtoolInput `yaml:"input_series"`
	Exprs    []promtoolExpr  `yaml:"promql_expr_test"`
}

type promtoolInput struct {
	Series string `yaml:"series"`
	Values string `yaml:"values"`
}

type promtoolExpr struct {
	Expr    string           `yaml:"expr"`
	At      string           `yaml:"eval_time"`
	Samples []promtoolSample `yaml:"exp_samples"`
}

type promtoolSample struct {
	Labels string  `yaml:"labels"`
	Value  float64 `yaml:"value"`
}

// minutes is the length of a case, at a sample a minute.
const minutes = 240

// at writes a function of the minute as values; where it is NaN there is no sample. Where it is a
// straight line for a while, promtool's notation is used: FIRST+STEPxCOUNT.
func at(length, digits int, value func(minute float64) float64) string {
	values := make([]float64, length)
	for i := range values {
		values[i], _ = strconv.ParseFloat(strconv.FormatFloat(value(float64(i)), 'g', digits, 64), 64)
	}
	var out []string
	for i := 0; i < length; {
		if n := missing(values[i:]); n > 0 {
			out = append(out, fmt.Sprintf("_x%d", n))
			i += n
			continue
		}
		n := straight(values[i:])
		if n < 3 {
			n = 1
		}
		text := strconv.FormatFloat(values[i], 'g', -1, 64)
		if n > 1 {
			step := values[i+1] - values[i]
			text += fmt.Sprintf("%+gx%d", step, n-1)
		}
		out = append(out, text)
		i += n
	}
	return strings.Join(out, " ")
}

// missing is the number of values at the beginning that are not there.
func missing(values []float64) int {
	if n := slices.IndexFunc(values, func(v float64) bool { return !math.IsNaN(v) }); n >= 0 {
		return n
	}
	return len(values)
}

// straight is the number of values at the beginning that are on one line.
func straight(values []float64) int {
	n := min(2, len(values))
	for n < len(values) && values[n]-values[n-1] == values[1]-values[0] {
		n++
	}
	return n
}

func flat(v float64) func(float64) float64 { return func(float64) float64 { return v } }

// rising counts by perMinute.
func rising(perMinute float64) func(float64) float64 {
	return func(m float64) float64 { return perMinute * m }
}

// between is 1 from a minute until another, and not there before and after.
func between(from, until float64) func(float64) float64 {
	return func(m float64) float64 {
		if m < from || m >= until {
			return math.NaN()
		}
		return 1
	}
}

// restarted is a clock in seconds that begins again in minute 60.
func restarted(m float64) float64 { return 60 * math.Mod(m+180, 240) }

// builder writes the case of one alert.
type builder struct {
	name   string
	length int
	series []promtoolInput
	// from is the minute in which the series begin.
	from int
}

func (b *builder) add(series string, value func(float64) float64) {
	values := at(b.length-b.from, 4, func(m float64) float64 { return value(m + float64(b.from)) })
	if b.from > 0 {
		values = fmt.Sprintf("_x%d %s", b.from, values)
	}
	b.series = append(b.series, promtoolInput{series, values})
}

// addQuantile adds the buckets of a histogram with a hundred observations a minute. The part in
// the first bucket is such that the quantile of each minute is the value. All buckets begin at 0,
// because the extrapolation of rate ends there.
func (b *builder) addQuantile(metric string, q float64, value func(float64) float64) {
	const first, second = 1, 120
	total := 0.0
	inFirst := func(m float64) float64 {
		part, before := (value(m)-first)/(second-first), total
		total += 100 * (q - part) / (1 - part)
		return before
	}
	bucket := fmt.Sprintf(metric+`{hop="visible", le="%d"}`, first)
	// A quantile near 1 needs more digits than other values.
	b.series = append(b.series, promtoolInput{bucket, at(b.length, 7, inFirst)})
	b.add(fmt.Sprintf(metric+`{hop="visible", le="%d"}`, second), rising(100))
	b.add(metric+`{hop="visible", le="+Inf"}`, rising(100))
}

// looked expects the alert to fire at a minute, or never.
func (b *builder) looked(alert string, firing bool, labels string, minute ...int) promtoolCase {
	out := promtoolCase{Name: b.name, Interval: "1m", Input: b.series}
	for _, m := range minute {
		e := promtoolExpr{
			Expr: fmt.Sprintf("count by (rule, severity, cluster, job, process) "+
				"(ALERTS{alertname=%q, alertstate=\"firing\"})", alert),
			At: fmt.Sprintf("%dm", m), Samples: []promtoolSample{},
		}
		if firing {
			e.Samples = []promtoolSample{{labels, 1}}
		}
		out.Exprs = append(out.Exprs, e)
	}
	return out
}

// testFile is deploy/mixin/tests/alerts.yml.
func testFile(t *testing.T) promtoolFile {
	t.Helper()
	out := promtoolFile{RuleFiles: []string{"../alerts/alerts.yml", "../rules/rules.yml"}, Interval: "5m"}
	for _, rule := range alerts.DefaultConfig().EffectiveRules() {
		for _, kind := range kindsOf(rule) {
			out.Tests = append(out.Tests, trendCase(rule, kind))
		}
	}
	out.Tests = append(out.Tests, fixedCases(t)...)
	for i, c := range out.Tests {
		if alert, kind, _ := strings.Cut(c.Name, " "); kind == fires && once(t, alert) {
			out.Tests[i].Input = paired(c.Input)
		}
	}
	return out
}

// once reports whether an alert is one however many sidecars watch a cluster.
func once(t *testing.T, alert string) bool {
	t.Helper()
	all := alertsOf(shipped(t))
	at := slices.IndexFunc(all, func(r Rule) bool { return r.Alert == alert })
	require.GreaterOrEqual(t, at, 0, alert)
	return strings.Contains(all[at].Expr, " without (instance, pod) (")
}

// paired are the series of two sidecars that watch a cluster, as one that stands by does.
func paired(one []promtoolInput) (both []promtoolInput) {
	for _, sidecar := range []string{"a", "b"} {
		labels := fmt.Sprintf(`, instance="%[1]s:8642", pod="%[1]s"}`, sidecar)
		for _, in := range one {
			both = append(both, promtoolInput{strings.TrimSuffix(in.Series, "}") + labels, in.Values})
		}
	}
	return both
}

// kindsOf are the kinds of cases of a rule.
func kindsOf(rule alerts.Rule) []string {
	if row, _ := signal.Lookup(rule.Signal); row.Subject == signal.OfProcess {
		return []string{fires, silent, restart, anew}
	}
	return []string{fires, silent, restart}
}

// shape is the value of a signal in a case: reach times the limit, or its mirror image for
// a rule about a fall.
func shape(rule alerts.Rule, limit float64, reach func(minute float64) float64) func(float64) float64 {
	scale := math.Abs(limit)
	if scale == 0 {
		scale = 1
	}
	return func(m float64) float64 {
		if rule.Below {
			return limit + scale*(1-reach(m))
		}
		return limit + scale*(reach(m)-1)
	}
}

// reaches are the shapes of the kinds of cases. A ramp is 0.91 of the limit when it is looked
// at, so that only the prediction fires. A restart moves the signal up at once: a line through
// both runs would pass the limit. The probe's signals have no run: theirs is high for a moment.
func reaches(kind string, of signal.Subject) func(minute float64) float64 {
	rng := rand.New(rand.NewPCG(1, 2))
	noise := func() float64 { return math.Round(rng.NormFloat64()) * 0.02 }
	switch {
	case kind == fires:
		return func(m float64) float64 { return 0.355 + 0.003*m }
	case kind == anew: // it fills for half an hour after its start, and stays
		return func(m float64) float64 { return 0.2 + 0.02*min(m-60, 30) }
	case kind == restart && of == signal.OfProbe:
		return func(m float64) float64 {
			if m >= 60 && m < 65 {
				return 0.9
			}
			return 0.3
		}
	case kind == restart:
		return func(m float64) float64 {
			if m < 60 {
				return 0.2 + noise()
			}
			return 0.6 + noise()
		}
	}
	return func(float64) float64 { return 0.5 + noise() }
}

const labelsOfJob = `cluster="c", job="orders"`

// trendCase is a case of a rule on a signal.
func trendCase(rule alerts.Rule, kind string) promtoolCase {
	row, _ := signal.Lookup(rule.Signal)
	b := builder{name: alerts.AlertName(rule.Name) + " " + kind, length: minutes}
	looks := []int{185}
	if kind != fires {
		looks = []int{55, 75, 90, 130, 185, 235}
	}
	reach := reaches(kind, row.Subject)
	if kind == anew {
		b.from = 60
	}
	if rule.LevelOnly && kind == fires {
		reach = flat(1.5)
	}
	if rule.MultipleOfMedian > 0 {
		b.length, looks = 750, []int{735}
		reach = medianReach(kind)
	}
	limit := 1000.0
	if rule.Threshold != nil {
		limit = *rule.Threshold
	}
	b.subject(row, rule, shape(rule, limit, reach), limit)
	b.clocks(kind)
	labels := map[signal.Subject]string{
		signal.OfProbe:   "{%s}",
		signal.OfProcess: `{cluster="c", process="tm-1", %s}`,
	}[row.Subject]
	if labels == "" {
		labels = `{` + labelsOfJob + `, %s}`
	}
	labels = fmt.Sprintf(labels, fmt.Sprintf("rule=%q, severity=%q", rule.Name, rule.Severity))
	return b.looked(alerts.AlertName(rule.Name), kind == fires, labels, looks...)
}

// medianReach falls from twice the limit, which is half of the median, after ten hours.
func medianReach(kind string) func(float64) float64 {
	rng := rand.New(rand.NewPCG(3, 4))
	return func(m float64) float64 {
		switch {
		case kind == fires && m > 600:
			return 0 + (m-600)*0.006
		case kind == restart && m > 600 && m < 610:
			return 0.9
		}
		return 0.05 * math.Round(rng.NormFloat64())
	}
}

// subject adds the series of a signal.
func (b *builder) subject(row signal.Row, rule alerts.Rule, value func(float64) float64, limit float64) {
	labels := map[signal.Subject]string{
		signal.OfJob: labelsOfJob, signal.OfVertex: labelsOfJob + `, vertex="v", vertex_id="1"`,
		signal.OfProcess: `cluster="c", taskmanager="tm-1"`, signal.OfProbe: `sink="s"`,
	}[row.Subject]
	for label, v := range row.Select {
		labels += fmt.Sprintf(", %s=%q", label, v)
	}
	metric := row.Metric + "{" + labels + "}"
	switch {
	case row.Of != "": // shares of outcomes
		share := min(value(1), 1)
		b.add(metric, rising(100*share))
		b.add(row.Of+`{sink="s", outcome="on_time"}`, rising(100*(1-share)))
	case row.Quantile > 0:
		b.addQuantile(row.Metric, row.Quantile, value)
	case row.Over > 0:
		perMinute := 60 / max(1, row.Per)
		b.add(metric, cumulated(func(m float64) float64 { return value(m) * perMinute }))
	default:
		b.add(metric, value)
	}
	if row.Max != "" && rule.FractionOfMax > 0 {
		b.add(row.Max+"{"+labels+"}", flat(limit/rule.FractionOfMax))
	}
}

// cumulated is a counter that grows by the value of each minute.
func cumulated(value func(float64) float64) func(float64) float64 {
	total := 0.0
	return func(m float64) float64 { total += value(m); return total }
}

// clocks adds what says that a run, a process and an epoch go on, or begin in minute 60.
func (b *builder) clocks(kind string) {
	clock := rising(60)
	if kind == restart {
		clock = restarted
	}
	b.add("flink_job_uptime_seconds{"+labelsOfJob+"}", clock)
	b.add(`flink_tm_cpu_seconds_total{cluster="c", taskmanager="tm-1"}`, clock)
	b.add("flink_job_info{"+labelsOfJob+`, job_id="j", epoch="e"}`, flat(1))
}

// fixedCases are the cases of the alerts that are no trends.
func fixedCases(t *testing.T) []promtoolCase {
	t.Helper()
	const records = `flink_sidecar_probe_records_total{sink="s", outcome="`
	job := "{" + labelsOfJob + "}"
	type input map[string]func(float64) float64
	down := func(m float64) float64 { // for two minutes, as a restart
		if m >= 60 && m < 62 {
			return 0
		}
		return 1
	}
	unknown := `flink_sidecar_signal_unknown{cluster="c", job="orders", signal="x"}`
	near := `flink_sidecar_scaletest_reached_seconds{cluster="c", job="orders", bound="point"}`
	frozen := `flink_sidecar_collector_metrics_frozen{cluster="c"}`
	kafka := `flink_sidecar_up{target="kafka"}`
	skipped := "flink_sidecar_probe_skipped_rounds_total"
	profiles := func(result string) string {
		return fmt.Sprintf(`flink_sidecar_profiles_total{mode="ITIMER", result=%q}`, result)
	}
	onTime, late, lost := records+`on_time"}`, records+`late"}`, records+`lost"}`
	up := func(m float64) float64 { return 1 - down(m) }
	fewLate := input{onTime: rising(6), late: func(m float64) float64 { return min(max(m-60, 0), 1) * 2 }}
	interval, age := "flink_job_checkpoint_interval_seconds"+job, "flink_job_last_checkpoint_age_seconds"+job
	jobUp, other := "flink_job_up"+job, input{"flink_other": flat(1)}
	const build, writable, inMemory = "flink_sidecar_build_info", "flink_sidecar_history_writable",
		"flink_sidecar_history_in_memory"
	cluster := func(name, instance string) string {
		return fmt.Sprintf("flink_cluster_up{cluster=%q, instance=%q}", name, instance)
	}
	cases := []struct {
		alert, labels string
		fires, silent input
		// across replaces silent across a restart.
		across input
	}{
		{"FlinkSidecarJobDown", labelsOfJob, input{jobUp: flat(0)}, input{jobUp: flat(1)}, input{jobUp: down}},
		{"FlinkSidecarJobsAbsent", "", other, input{jobUp: flat(1)}, input{jobUp: down}},
		{
			"FlinkSidecarCheckpointsAbsent", "",
			input{interval: flat(10)},
			input{interval: flat(10), age: flat(3)},
			input{interval: flat(10), age: restarted},
		},
		{"FlinkSidecarSignalUnknown", labelsOfJob, input{unknown: flat(1)}, other, input{unknown: up}},
		{"FlinkSidecarSustainableRate", labelsOfJob, input{near: flat(9 * 86400)}, input{near: flat(20 * 86400)}, nil},
		{"FlinkSidecarDown", "", other, input{"flink_sidecar_build_info": flat(1)}, nil},
		{
			"FlinkSidecarClusterUnwatched", `cluster="c"`,
			input{build: flat(1), cluster("c", "1"): between(0, 60), cluster("d", "2"): flat(1)},
			input{cluster("c", "1"): between(0, 60)},
			// A new pod is a new instance, and takes some minutes.
			input{build: flat(1), cluster("c", "1"): between(0, 60), cluster("c", "3"): between(70, minutes)},
		},
		{
			"FlinkSidecarTargetDown", "",
			input{kafka: flat(0)},
			input{kafka: flat(0), "flink_sidecar_standby": flat(1)}, // the writer tells
			input{kafka: down},
		},
		{"FlinkSidecarMetricsFrozen", `cluster="c"`, input{frozen: flat(1)}, input{frozen: flat(0)}, input{frozen: up}},
		{
			"FlinkSidecarEpisodesStuck", "",
			input{"flink_sidecar_episodes_stuck": flat(1)},
			input{"flink_sidecar_episodes_stuck": flat(0)},
			nil,
		},
		{
			"FlinkSidecarHistoryInMemory", "",
			input{"flink_sidecar_history_in_memory": flat(1)},
			input{"flink_sidecar_history_in_memory": flat(0)},
			nil,
		},
		{
			"FlinkSidecarHistoryUnwritable", "",
			input{writable: flat(0), inMemory: flat(0)},
			input{writable: flat(0), inMemory: flat(1)},
			input{writable: down, inMemory: flat(0)},
		},
		{
			"FlinkSidecarReloadFailed", "",
			input{"flink_sidecar_config_last_reload_successful": flat(0)},
			input{"flink_sidecar_config_last_reload_successful": flat(1)},
			nil,
		},
		{"FlinkSidecarProfilesFail", "", input{profiles("failed"): rising(1)}, input{profiles("failed"): flat(7)}, nil},
		{
			"FlinkSidecarBudgetExhausted", "",
			input{profiles("over_budget"): rising(1)},
			input{profiles("over_budget"): flat(7)},
			nil,
		},
		{
			"FlinkSidecarProbeStands", "",
			input{skipped: rising(6), onTime: flat(9)},
			input{skipped: rising(1), onTime: rising(6)},
			nil,
		},
		{
			"FlinkSidecarProbeBurnsFast", "",
			input{onTime: rising(8), lost: rising(2)},
			input{onTime: rising(1000), late: rising(5)},
			fewLate,
		},
		{
			"FlinkSidecarProbeBurnsSlowly", "",
			input{onTime: rising(92), late: rising(8)},
			input{onTime: rising(1000), late: rising(5)},
			fewLate,
		},
	}
	var out []promtoolCase
	for _, c := range cases {
		severity := severityOf(t, c.alert)
		labels := strings.TrimPrefix(c.labels+", ", ", ") + fmt.Sprintf("severity=%q", severity)
		across := c.across
		if across == nil {
			across = input{"flink_job_up" + job: down}
			maps.Copy(across, c.silent)
		}
		for _, one := range []struct {
			kind   string
			series input
		}{{fires, c.fires}, {silent, c.silent}, {restart, across}} {
			b := builder{name: c.alert + " " + one.kind, length: minutes}
			for _, series := range slices.Sorted(maps.Keys(one.series)) {
				b.add(series, one.series[series])
			}
			looks := []int{120}
			if one.kind != fires {
				looks = []int{50, 60, 65, 70, 120, 200}
			}
			out = append(out, b.looked(c.alert, one.kind == fires, "{"+labels+"}", looks...))
		}
	}
	return out
}

func severityOf(t *testing.T, alert string) string {
	t.Helper()
	for _, r := range alertsOf(shipped(t)) {
		if r.Alert == alert {
			return r.Labels["severity"]
		}
	}
	require.Fail(t, "no such alert", alert)
	return ""
}
