package alerts

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

func TestShippedRulesAreValid(t *testing.T) {
	c := DefaultConfig()
	c.Rules = shippedConfigs()
	require.Empty(t, c.Validate())
	require.Equal(t, names(DefaultConfig().EffectiveRules()), names(c.EffectiveRules()))
}

func TestOnlyNamedRules(t *testing.T) {
	c := configured(t, "shipped_rules: named\nrules: [{name: headroom}, "+
		"{name: mine, signal: headroom, threshold: 0.1, direction: below}]")
	require.Empty(t, c.Validate())
	require.Equal(t, []string{"headroom", "mine"}, names(c.EffectiveRules()))
}

func TestFaultsOfNewRules(t *testing.T) {
	for name, tc := range map[string]struct{ text, fault string }{
		"unknown signal": {
			"{name: mine, signal: heap, threshold: 1}", `there is no signal "heap" (choose one of checkpoint-duration,`,
		},
		"no limit":         {"{name: mine, signal: headroom}", "the rule can never fire: it has no limit (add threshold"},
		"share above 1":    {"{name: mine, signal: gc-share, threshold: 20}", "is a share and never above 1"},
		"no maximum":       {"{name: mine, signal: source-lag, fraction_of_max: 0.5}", "the maximum of time to read the backlog"},
		"healthy median":   {"{name: mine, signal: source-lag, multiple_of_median: 0.5}", "is what a healthy job has"},
		"median of 0":      {"{name: mine, signal: restarts, multiple_of_median: 3}", "the median of restarts per hour is 0 on a healthy job (add threshold"},
		"below nothing":    {"{name: mine, signal: pending-records, threshold: 0, direction: below}", "is never below 0"},
		"always passed":    {"{name: mine, signal: pending-records, threshold: -1}", "the rule always fires"},
		"always reached":   {"{name: mine, signal: gc-share, threshold: 0}", "the rule always fires: share of time"},
		"below the lowest": {"{name: mine, signal: headroom, threshold: -1, direction: below}", "never below -1"},
		"healthy headroom": {"{name: mine, signal: headroom, threshold: 0.5}", "headroom above a limit is what a healthy job has"},
		"healthy capacity": {"{name: mine, signal: capacity, multiple_of_median: 2}", "is what a healthy job has (choose below)"},
		"hidden field":     {"{name: mine, signal: headroom, threshold: 0, direction: below, summary: '{{if .Job}}{{.Nope}}{{end}}'}", "field"},
		"other branch":     {`{name: mine, signal: headroom, threshold: 0, direction: below, summary: '{{if eq .Job "x"}}{{.Nope}}{{end}}'}`, "there is no field .Nope"},
		"name of another":  {"{name: job-down, signal: gc-share, threshold: 0.5}", `"job-down" is the name of the alert FlinkSidecarJobDown`},
		"name but for -":   {"{name: heap-after--gc, signal: gc-share, threshold: 0.5}", `have the same alert FlinkSidecarHeapAfterGc`},
		"direction":        {"{name: mine, signal: headroom, threshold: 0, direction: down}", `"down" is no direction`},
		"severity":         {"{name: mine, signal: headroom, threshold: 0, direction: below, severity: page}", `"page" is no severity`},
		"symptom":          {"{name: mine, signal: headroom, threshold: 0, direction: below, symptom: slow}", `"slow" is no symptom`},
		"template":         {"{name: mine, signal: headroom, threshold: 0, direction: below, summary: '{{.Who}}'}", "can't evaluate field Who"},
		"runbook script":   {"{name: mine, signal: headroom, threshold: 0, direction: below, runbook: 'javascript:alert(1)'}", "is no address of a page"},
		"open template":    {"{name: mine, signal: headroom, threshold: 0, direction: below, runbook: 'https://{{.Rule'}", "unclosed action"},
		"regexp":           {"{name: mine, signal: headroom, threshold: 0, direction: below, match: {job: '('}}", "not a regular expression"},
		"no such subject":  {"{name: mine, signal: headroom, threshold: 0, direction: below, match: {process: tm-1}}", "headroom has no process"},
		"another signal":   {"{name: headroom, signal: gc-share, threshold: 0.5}", "is about another signal"},
		"not a name":       {"{name: My Rule, signal: gc-share, threshold: 0.5}", `"My Rule" has other characters`},
		"shorter than one": {"{name: mine, signal: restarts, threshold: 3, window: 10m}", "a rate over a longer time"},
	} {
		t.Run(name, func(t *testing.T) {
			faults := configured(t, "rules: ["+tc.text+"]").Validate()
			require.Len(t, faults, 1)
			require.Contains(t, faults[0].Error(), tc.fault)
		})
	}
}

// offer adds one sample a minute and evaluates after each.
func offer(trends *Trends, o signal.Observation, values ...float64) []episode.Alert {
	var news []episode.Alert
	for _, v := range values {
		o.Sample = series.Sample{T: o.Sample.T.Add(time.Minute), V: v}
		trends.Observe(o)
		news = append(news, trends.Tick(o.Sample.T)...)
	}
	return news
}

func ramp(n int, from, step float64) []float64 {
	out := make([]float64, n)
	for i := range out {
		out[i] = from + step*float64(i)
	}
	return out
}

func TestRuleBelowFiresOnAFall(t *testing.T) {
	trends := NewTrends(configured(t, `
settle: 0s
for: 1m
rules:
  - {name: mine, signal: headroom, direction: below, threshold: 0, match: {job: orders}, severity: critical,
     symptom: working, actions: {advise: false}, runbook: 'https://wiki/{{.Rule}}/{{.Job}}'}
  - {name: headroom, disabled: true}`), discard())
	o := signal.Observation{
		Signal: "headroom", Labels: snapshot.Labels{Job: "orders"}, Sample: series.Sample{T: began},
	}
	rising := o
	rising.Labels.Job = "other"
	require.Empty(t, offer(trends, rising, ramp(60, 1, -0.01)...), "another job")
	news := offer(trends, o, ramp(60, 1, -0.01)...)
	require.Len(t, news, 1)
	require.Regexp(t, `^headroom will fall below 0 % in \d+ min `, news[0].Summary)
	require.Equal(t, "critical", news[0].Severity)
	require.Equal(t, "working", news[0].Symptom)
	require.Equal(t, "https://wiki/mine/orders", news[0].Runbook)
	require.True(t, news[0].Omits(episode.ActionAdvise))
	require.False(t, news[0].Omits(episode.ActionProfile))
}

func TestLimitIsAMultipleOfTheMedianOfTheEpoch(t *testing.T) {
	trends := NewTrends(configured(t, "settle: 0s\nfor: 1m\nwindow: 30m"), discard())
	o := signal.Observation{
		Signal: "capacity", Labels: snapshot.Labels{Job: "orders"}, EpochKey: "e1", Sample: series.Sample{T: began},
	}
	require.Empty(t, offer(trends, o, ramp(29, 1000, 0)...))
	require.ErrorIs(t, trends.All()[0].Unknown, errNoMedian, "until a window has passed")

	o.Sample.T = began.Add(29 * time.Minute)
	require.Empty(t, offer(trends, o, ramp(60, 1000, 0)...))
	require.InDelta(t, 500, *trends.All()[0].Limit, 1)

	o.Sample.T = began.Add(89 * time.Minute)
	require.Len(t, offer(trends, o, ramp(5, 400, 0)...), 1)
}

func TestAMedianOfZeroIsNoLimit(t *testing.T) {
	trends := NewTrends(configured(t, "settle: 0s\nwindow: 30m\nshipped_rules: named\n"+
		"rules: [{name: mine, signal: backpressure, multiple_of_median: 3}]"), discard())
	o := signal.Observation{
		Signal: "backpressure", Labels: snapshot.Labels{Job: "orders", Vertex: "v"}, EpochKey: "e1",
		Sample: series.Sample{T: began},
	}
	require.Empty(t, offer(trends, o, ramp(60, 0, 0)...))
	require.ErrorIs(t, trends.All()[0].Unknown, errZeroMedian)
}

func TestRuleWithoutPredictionCountsOnlyTheLevel(t *testing.T) {
	trends := NewTrends(configured(t, "settle: 0s"), discard())
	o := signal.Observation{
		Signal: "checkpoint-failures", Labels: snapshot.Labels{Job: "orders"}, Sample: series.Sample{T: began},
	}
	require.Empty(t, offer(trends, o, 0, 0, 1, 2, 2, 2, 2))
	o.Sample.T = began.Add(7 * time.Minute)
	news := offer(trends, o, 3, 4)
	require.Len(t, news, 1)
	require.Equal(t, "failed checkpoints in a row are 4, above 3", news[0].Summary)
	require.InDelta(t, 1, testutil.ToFloat64(trends.firings.WithLabelValues("checkpoint-failures")), 0)
}

func TestALimitIsReachedAtItsValue(t *testing.T) {
	trends := NewTrends(configured(t, "settle: 0s"), discard())
	o := signal.Observation{
		Signal: "checkpoint-failures", Labels: snapshot.Labels{Job: "orders"}, Sample: series.Sample{T: began},
	}
	news := offer(trends, o, 3, 3)
	require.Len(t, news, 1)
	require.Equal(t, "failed checkpoints in a row reached 3", news[0].Summary)
}

func TestScoresOfAlerts(t *testing.T) {
	c := configured(t, "settle: 0s\nfor: 1m\nkeep_firing_for: 1m\nwindow: 30m\nhorizon: 30m\n"+
		"rules: [{name: checkpoint-size, threshold: 100B}]")
	like := signal.Observation{Signal: snapshot.CheckpointSize, RunID: "a", Sample: series.Sample{T: began}}
	for name, tc := range map[string]struct {
		values []float64
		want   episode.RuleScore
	}{
		"true":   {ramp(60, 10, 2), episode.RuleScore{Fired: 1, True: 1}},
		"false":  {append(ramp(30, 10, 2), ramp(60, 20, 0)...), episode.RuleScore{Fired: 1, False: 1}},
		"missed": {append(ramp(30, 10, 0), ramp(5, 200, 0)...), episode.RuleScore{Fired: 1, Missed: 1}},
		"quiet":  {ramp(60, 10, 0), episode.RuleScore{}},
	} {
		t.Run(name, func(t *testing.T) {
			trends := NewTrends(c, discard())
			offer(trends, like, tc.values...)
			score := *trends.scores.of("checkpoint-size")
			require.Len(t, score.Leads, score.True)
			for _, lead := range score.Leads {
				require.Positive(t, lead)
			}
			tc.want.Rule = "checkpoint-size"
			score.Leads, score.Delays, score.LeadBuckets, score.LeadSum, score.LeadCount = nil, nil, nil, 0, 0
			require.Equal(t, tc.want, score)
		})
	}
	t.Run("avoided", func(t *testing.T) {
		trends := NewTrends(c, discard())
		offer(trends, like, ramp(30, 10, 2)...)
		next := like
		next.RunID, next.Sample.T = "b", began.Add(30*time.Minute)
		offer(trends, next, ramp(60, 10, 0)...)
		require.Equal(t, 1, trends.scores.of("checkpoint-size").Avoided)
		restored := NewTrends(c, discard())
		restored.RestoreScores(trends.Scores())
		require.Equal(t, trends.Scores(), restored.Scores())
	})
}

// While the input doubles within the window, headroom falls along a curve, and a line through
// it would pass 0 too early at first and flatten out later. The real headroom reaches 0 in the
// 55th minute.
func TestHeadroomIsForeseenWhileTheInputGrows(t *testing.T) {
	trends := NewTrends(configured(t, "settle: 0s\nfor: 1m\nwindow: 30m\nhorizon: 20m"), discard())
	o := signal.Observation{
		Signal: "headroom", Labels: snapshot.Labels{Job: "orders"}, Sample: series.Sample{T: began},
	}
	const capacity, input, growth = 650.0, 100.0, 10.0
	falling := make([]float64, 55)
	for i := range falling {
		falling[i] = capacity/(input+growth*float64(i+1)) - 1
	}
	news := offer(trends, o, falling[:40]...)
	require.Len(t, news, 1, "a quarter of an hour before")
	offered := began.Add(40 * time.Minute)
	o.Sample.T = offered
	offer(trends, o, falling[40:]...)
	require.InDelta(t, -growth/60*(1+falling[54])/(input+growth*55), *trends.All()[0].Slope, 2e-4, "per second, as now")
}
