package promrules

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/template"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/webhook"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

var update = flag.Bool("update", false, "rewrite deploy/mixin")

const mixin = "../../deploy/mixin/"

// shipped are the rules without a configuration, and those of rules that are off by default.
func shipped(t *testing.T) File {
	t.Helper()
	return Render(alerts.DefaultConfig(), episode.JobRef{})
}

func all(f File) []Rule {
	var out []Rule
	for _, g := range f.Groups {
		out = append(out, g.Rules...)
	}
	return out
}

func alertsOf(f File) []Rule { return all(f.Alerts()) }

// TestMixinIsWhatIsRendered holds the files of deploy/mixin to the rendered rules.
func TestMixinIsWhatIsRendered(t *testing.T) {
	f := shipped(t)
	for path, render := range map[string]func() ([]byte, error){
		"alerts/alerts.yml":  f.Alerts().YAML,
		"rules/rules.yml":    f.Recordings().YAML,
		"prometheusrule.yml": func() ([]byte, error) { return f.Resource("flink-sidecar") },
		"tests/alerts.yml":   func() ([]byte, error) { return encoded(testFile(t)) },
	} {
		want, err := render()
		require.NoError(t, err)
		want = append([]byte("# Written by: go test ./alerts/promrules -update\n"), want...)
		if *update {
			require.NoError(t, os.WriteFile(mixin+path, want, 0o644))
		}
		have, err := os.ReadFile(mixin + path)
		require.NoError(t, err)
		require.Equal(t, string(want), string(have), "%s: run go test ./alerts/promrules -update", path)
	}
}

// TestMixinHasTheDashboards holds the copies to the files of grafana/dashboards.
func TestMixinHasTheDashboards(t *testing.T) {
	boards, err := filepath.Glob("../../grafana/dashboards/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, boards)
	list, err := os.ReadFile(mixin + "dashboards/dashboards.libsonnet")
	require.NoError(t, err)
	for _, path := range boards {
		name := filepath.Base(path)
		want, err := os.ReadFile(path)
		require.NoError(t, err)
		if *update {
			require.NoError(t, os.WriteFile(mixin+"dashboards/"+name, want, 0o644))
		}
		have, err := os.ReadFile(mixin + "dashboards/" + name)
		require.NoError(t, err)
		require.Equal(t, string(want), string(have), "%s: run go test ./alerts/promrules -update", name)
		require.Contains(t, string(list), "import '"+name+"'")
	}
	copies, err := filepath.Glob(mixin + "dashboards/*.json")
	require.NoError(t, err)
	require.Len(t, copies, len(boards))
}

func TestShippedAlerts(t *testing.T) {
	found := alertsOf(shipped(t))
	require.GreaterOrEqual(t, len(found), 12)
	predicting := 0
	names := map[string]bool{}
	for _, r := range found {
		require.False(t, names[r.Alert], "%s twice", r.Alert)
		names[r.Alert] = true
		if strings.Contains(r.Expr, "predict_linear") {
			predicting++
		}
		require.Regexp(t, `^FlinkSidecar[A-Z][A-Za-z]+$`, r.Alert)
		require.Contains(t, []string{"critical", "warning", "info"}, r.Labels["severity"], r.Alert)
		require.NotContains(t, r.Labels, webhook.OriginLabel, "our own webhook would drop it")
		require.NotEmpty(t, r.For, r.Alert)
		require.NotEmpty(t, r.KeepFiringFor, r.Alert)
		require.Regexp(t, `^[A-Z][^{}]*\.$`, r.Annotations["summary"], "%s: a fixed sentence", r.Alert)
		require.Regexp(t, `\.$`, r.Annotations["description"], r.Alert)
		page, ours := strings.CutPrefix(r.Annotations["runbook_url"], alerts.Runbooks)
		require.True(t, ours, r.Alert)
		text, err := os.ReadFile("../../docs/runbooks/" + page)
		require.NoError(t, err, "every alert has a runbook")
		for _, heading := range []string{"# " + r.Alert + "\n", "## Meaning", "## How to look", "## What to do"} {
			require.Contains(t, string(text), heading, page)
		}
	}
	require.GreaterOrEqual(t, predicting, 6)
}

// ofFlink matches a metric of Flink, which each sidecar exports that watches the cluster.
var ofFlink = regexp.MustCompile(`\bflink_(job|vertex|tm|cluster|jm)_`)

// TestOneTroubleIsOneAlert: an alert on what several sidecars see has no label of one of them. Its case
// that fires has two.
func TestOneTroubleIsOneAlert(t *testing.T) {
	byItself := regexp.MustCompile(`^(max|min) without \(instance, pod\) \(|^absent\(|^\(?max by \(cluster`)
	of := 0
	for _, r := range alertsOf(shipped(t)) {
		if ofFlink.MatchString(r.Expr) {
			of++
			require.Regexp(t, byItself, r.Expr, r.Alert)
		}
	}
	require.Greater(t, of, 15)
	for _, c := range testFile(t).Tests {
		if c.Name == "FlinkSidecarHeadroom fires" {
			require.Contains(t, c.Input[0].Series, `instance="a:8642"`)
			return
		}
	}
	require.Fail(t, "no case")
}

func TestRecordingRulesAreNamedByLevelMetricOperation(t *testing.T) {
	for _, r := range all(shipped(t).Recordings()) {
		require.Regexp(t, `^(job|vertex|taskmanager|probe):flink_[a-z0-9_]+:[a-z0-9_]+$`, r.Record)
	}
}

// TestExpressionsUseExportedMetrics compares every metric of the expressions with the list of
// docs/metrics.md and with the recording rules.
func TestExpressionsUseExportedMetrics(t *testing.T) {
	doc, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	known := map[string]bool{}
	for _, m := range regexp.MustCompile("(?m)^\\| `(flink_[a-z0-9_]+)` \\| (\\w+)").FindAllStringSubmatch(string(doc), -1) {
		known[m[1]] = true
		if m[2] == "histogram" {
			known[m[1]+"_sum"], known[m[1]+"_count"], known[m[1]+"_bucket"] = true, true, true
		}
	}
	f := shipped(t)
	for _, r := range all(f) {
		known[r.Record] = true
	}
	metric := regexp.MustCompile(`(?:(?:job|vertex|taskmanager|probe):)?flink_[a-z0-9_]+(?::[a-z0-9_]+)?`)
	for _, r := range all(f) {
		for _, name := range metric.FindAllString(r.Expr, -1) {
			require.Contains(t, known, name, r.Alert+r.Record)
		}
	}
}

func TestRulesOfAConfiguration(t *testing.T) {
	c := alerts.DefaultConfig()
	require.NoError(t, yaml.Unmarshal([]byte(`rules:
  - {name: mine, signal: headroom, match: {job: 'orders.*'}, direction: below, threshold: 0.1,
     summary: '{{.Job}} has {{.Level}} left', runbook: 'https://wiki/{{.Rule}}'}`), &c))
	require.Empty(t, c.Validate())
	i := slices.IndexFunc(alertsOf(Render(c, episode.JobRef{})), func(r Rule) bool { return r.Alert == "FlinkSidecarMine" })
	mine := alertsOf(Render(c, episode.JobRef{}))[i]
	require.Contains(t, mine.Expr, `flink_job_headroom_ratio{job=~"orders.*"} <= 0.1`)
	require.Equal(t, "{{ $labels.job }} has {{ $value | humanizePercentage }} left", mine.Annotations["description"])
	require.Equal(t, "https://wiki/mine", mine.Annotations["runbook_url"])
}

// TestTextsOfARuleAreTemplatesOfPrometheus: braces that a rule writes are text, and a long text is not cut
// within a field.
func TestTextsOfARuleAreTemplatesOfPrometheus(t *testing.T) {
	rule := alerts.Rule{Name: "mine"}
	for write, want := range map[string]string{
		"JOB {{ $labels": `{{ $labels.job }} {{"{{"}} $labels`,
		"{{{ JOB }}":     `{{"{{"}}{ {{ $labels.job }} }}`,
		"":               "",
	} {
		got := templated(rule, func(w alerts.Words) string { return strings.ReplaceAll(write, "JOB", w.Job) })
		require.Equal(t, want, got)
		_, err := template.New("").Parse(`{{ $labels := . }}` + got)
		require.NoError(t, err)
	}
	c := alerts.DefaultConfig()
	c.Rules = []alerts.RuleConfig{{
		Name: "headroom", Summary: strings.Repeat("x", 505) + strings.Repeat("{{.Job}}", 5),
	}}
	require.Empty(t, c.Validate())
	for _, alert := range alertsOf(Render(c, episode.JobRef{})) {
		if alert.Alert == "FlinkSidecarHeadroom" {
			require.Equal(t, strings.Repeat("x", 505)+strings.Repeat("{{ $labels.job }}", 2), alert.Annotations["description"])
		}
	}
}

// TestEveryAlertHasCases counts the cases of promtool: each alert has one that fires, one that
// is silent, and one across a restart of the job.
func TestEveryAlertHasCases(t *testing.T) {
	kinds := map[string]map[string]bool{}
	for _, c := range testFile(t).Tests {
		alert, kind, _ := strings.Cut(c.Name, " ")
		if kinds[alert] == nil {
			kinds[alert] = map[string]bool{}
		}
		kinds[alert][kind] = true
	}
	for _, r := range alertsOf(shipped(t)) {
		want := []string{fires, silent, restart}
		if r.Labels["process"] != "" {
			want = append(want, anew)
		}
		require.ElementsMatch(t, want, slices.Collect(maps.Keys(kinds[r.Alert])), r.Alert)
	}
}

// TestAlertsOfTheProbeNameItsJob: the metrics of the probe do not, so that neither their matchers
// nor their labels can come from them.
func TestAlertsOfTheProbeNameItsJob(t *testing.T) {
	c := alerts.DefaultConfig()
	require.NoError(t, yaml.Unmarshal([]byte(`rules:
  - {name: probe-lost, match: {job: 'orders.*'}}
  - {name: of-another, signal: probe-late, match: {cluster: test}, threshold: 0.5}`), &c))
	require.Empty(t, c.Validate())
	of := func(probed episode.JobRef) map[string]Rule {
		out := map[string]Rule{}
		for _, r := range alertsOf(Render(c, probed)) {
			require.NotRegexp(t, `probe_[a-z0-9_:]*\{[^}]*(job|cluster)=`, r.Expr)
			out[r.Alert] = r
		}
		return out
	}
	known := of(episode.JobRef{Cluster: "prod", Job: "orders {{eu}}"})
	for _, name := range []string{
		"FlinkSidecarProbeLost", "FlinkSidecarProbeLatency", "FlinkSidecarProbeBurnsFast", "FlinkSidecarProbeStands",
	} {
		require.Equal(t, "prod", known[name].Labels["cluster"], name)
		require.Equal(t, `orders {{"{{"}}eu}}`, known[name].Labels["job"], name)
	}
	require.NotContains(t, known["FlinkSidecarHeadroom"].Labels, "job")
	require.NotContains(t, known, "FlinkSidecarOfAnother", "the sidecar would never raise it")
	unknown := of(episode.JobRef{})
	require.NotContains(t, unknown["FlinkSidecarProbeLost"].Labels, "job")
	require.Contains(t, unknown, "FlinkSidecarOfAnother")
}

func TestFixedAlertsAreReserved(t *testing.T) {
	var fixed []string
	for _, r := range append(append(ofJobs(), burnAlerts(recordedBurn)...), ofItself()...) {
		fixed = append(fixed, r.Alert)
	}
	require.ElementsMatch(t, alerts.FixedAlerts(), fixed)
}
