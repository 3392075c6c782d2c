package dashboards

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// TestOneEventOnce: the sidecar announces episodes and epochs in Grafana under one tag, and one query
// draws that tag. What Prometheus or the plugin knows of the same events is not drawn beside it.
func TestOneEventOnce(t *testing.T) {
	t.Parallel()
	all := boards(t)
	for _, b := range all {
		require.Equal(t, all[0].Annotations, b.Annotations, "%s has other annotations", b.file)
		drawn := map[string]string{}
		for _, a := range b.Annotations.List {
			var events string
			switch {
			case a.Datasource.UID == "-- Grafana --" && a.Target.Type == "tags":
				require.Equal(t, []string{"flink-sidecar"}, a.Target.Tags)
				events = "announced"
			case a.Datasource.UID == "-- Grafana --":
				require.Equal(t, "dashboard", a.Target.Type, a.Name)
				events = "of this dashboard"
			default:
				require.Equal(t, "${datasource}", a.Datasource.UID, "%s: the plugin's episodes are those announced", a.Name)
				events = metricOf(t, query{b.file, a.Name, a.Expr})
			}
			require.Empty(t, drawn[events], "%s and %s draw the same events", drawn[events], a.Name)
			drawn[events] = a.Name
		}
		require.Equal(t, map[string]string{
			"announced": "Episodes", "of this dashboard": "Annotations and alerts",
			"flink_job_restarts_total": "Restarts", "flink_job_epoch_start_time_seconds": "Epochs",
		}, drawn)
	}
}

// metricOf is the metric of the events of a query.
func metricOf(t *testing.T, q query) string {
	t.Helper()
	return q.selectors(t)[0].Name
}

func annotationQuery(t *testing.T, name string) (annotation, query) {
	t.Helper()
	b := boards(t)[0]
	at := slices.IndexFunc(b.Annotations.List, func(a annotation) bool { return a.Name == name })
	require.GreaterOrEqual(t, at, 0)
	a := b.Annotations.List[at]
	return a, query{b.file, a.Name, a.Expr}
}

// TestEpochsOfPrometheus are those of clusters of which no sidecar announces them in Grafana: one that does has the
// series of that target. Each is at its own time, whatever the step of the query.
func TestEpochsOfPrometheus(t *testing.T) {
	t.Parallel()
	a, q := annotationQuery(t, "Epochs")
	require.True(t, a.UseValueForTime)
	require.Contains(t, a.Expr, "1000 * ", "Grafana wants milliseconds")
	require.True(t, strings.HasSuffix(a.Expr, ">= ${__from}"), "an epoch that began before is not drawn at the edge")
	var without *parser.BinaryExpr
	parser.Inspect(q.parsed(t), func(node parser.Node, _ []parser.Node) error {
		if b, ok := node.(*parser.BinaryExpr); ok && b.Op == parser.LUNLESS {
			without = b
		}
		return nil
	})
	require.NotNil(t, without)
	require.Equal(t, []string{"cluster"}, without.VectorMatching.MatchingLabels, "one that stands by announces nothing")
	require.True(t, without.VectorMatching.On)
	of := without.RHS.(*parser.AggregateExpr).Expr.(*parser.BinaryExpr)
	require.Equal(t, []string{"instance"}, of.VectorMatching.MatchingLabels)
	require.Equal(t, parser.ItemType(parser.LAND), of.Op)
	announcing := of.RHS.(*parser.VectorSelector)
	require.Equal(t, "flink_sidecar_up", announcing.Name)
	require.True(t, slices.ContainsFunc(announcing.LabelMatchers, func(m *labels.Matcher) bool {
		return m.Name == "target" && m.Type == labels.MatchEqual && m.Value == "grafana"
	}), "whether Grafana answers now or not: an announcement may come later")
}

// TestRestartsAreNotLost: Grafana makes the step of an annotation query longer than its least one
// where the time range is long, so each step must be compared with the one before.
func TestRestartsAreNotLost(t *testing.T) {
	t.Parallel()
	a, q := annotationQuery(t, "Restarts")
	require.Contains(t, a.Expr, "offset $__interval)")
	var offsets []time.Duration
	for _, s := range q.selectors(t) {
		offsets = append(offsets, s.OriginalOffset)
	}
	require.Equal(t, []time.Duration{0, time.Minute}, offsets)
}

// TestExemplars are asked for where the sidecar has them, once for each metric.
func TestExemplars(t *testing.T) {
	t.Parallel()
	asked := map[string]string{}
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			for _, target := range p.Targets {
				if !target.Exemplar {
					continue
				}
				metric := metricOf(t, query{b.file, p.Title, target.Expr})
				require.Empty(t, asked[metric], "%s shows them too", p.Title)
				require.Equal(t, "timeseries", p.Type, "no other panel draws exemplars")
				asked[metric] = p.Title
			}
		}
	}
	require.Equal(t, map[string]string{
		"flink_sidecar_probe_latency_seconds_bucket": "Latency by hop, 99 of 100",
	}, asked)
}
