package dashboards

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/model/labels"
	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// drawn are the targets of panels that draw each series.
func drawn(b board) (all []target) {
	for _, p := range b.panels() {
		if !slices.Contains([]string{"timeseries", "state-timeline", "stat"}, p.Type) {
			continue
		}
		for _, t := range p.Targets {
			t.RefID = b.file + ": " + p.Title + " " + t.RefID
			all = append(all, t)
		}
	}
	return all
}

// TestTenAreDrawn: a panel of every job of the fleet, or of every TaskManager, draws ten. Which ones does
// not change from one point of a line to the next: the whole time range decides.
func TestTenAreDrawn(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, b := range boards(t) {
		for _, x := range drawn(b) {
			many := strings.Contains(x.Legend, "{{taskmanager}}") || b.file == "fleet.json" && strings.Contains(x.Legend, "{{job}}")
			if !many {
				continue
			}
			checked++
			require.Regexp(t, `(top|bottom)k\(10, `, x.Expr, x.RefID)
			bars := strings.Contains(x.Expr, "flink_job_restarts_total")
			require.True(t, bars || strings.Contains(x.Expr, "[$__range] @ end()"), "%s: lines break off", x.RefID)
		}
	}
	require.GreaterOrEqual(t, checked, 8)
}

// placeholder matches a label in a legend.
var placeholder = regexp.MustCompile(`{{(\w+)}}`)

// TestLegendsTellSeriesApart: a legend has the labels by which the series of its query differ, but for
// the cluster of a job or a vertex, the id beside the name of a vertex, and the bounds of buckets.
func TestLegendsTellSeriesApart(t *testing.T) {
	t.Parallel()
	for _, b := range boards(t) {
		for _, x := range drawn(b) {
			if x.Expr == "" {
				continue
			}
			var named []string
			for _, found := range placeholder.FindAllStringSubmatch(x.Legend, -1) {
				named = append(named, found[1])
			}
			for _, label := range differing(t, x.Expr) {
				if label == "vertex_id" || label == "le" || label == "cluster" && slices.Contains(named, "job") {
					continue
				}
				require.Contains(t, named, label, "%s: %s", x.RefID, x.Legend)
			}
		}
	}
}

// differing are the labels of the result of a query that its first aggregation keeps, or those of the
// metric where nothing is aggregated and the query asks for several values of them.
func differing(t *testing.T, expr string) []string {
	t.Helper()
	for node := (query{expr: expr}).parsed(t); ; {
		switch e := node.(type) {
		case *parser.ParenExpr:
			node = e.Expr
		case *parser.BinaryExpr:
			if node = e.LHS; e.LHS.Type() == parser.ValueTypeScalar {
				node = e.RHS
			}
		case *parser.Call:
			node = e.Args[len(e.Args)-1]
		case *parser.AggregateExpr:
			if e.Op == parser.TOPK || e.Op == parser.BOTTOMK {
				node = e.Expr
				continue
			}
			return e.Grouping
		case *parser.VectorSelector:
			return several(metrics(t)[e.Name], e)
		default:
			require.Fail(t, "not read", "%T in %s", e, expr)
		}
	}
}

// several are the labels of which a selector does not take one value.
func several(names []string, s *parser.VectorSelector) (all []string) {
	for _, label := range names {
		one := slices.ContainsFunc(s.LabelMatchers, func(m *labels.Matcher) bool {
			return m.Name == label && m.Type == labels.MatchEqual
		})
		if label != "" && !one {
			all = append(all, label)
		}
	}
	return all
}

// TestBarsCountOnce: $__rate_interval is four times the scrape interval, at least. With a point for each
// scrape, one event would be in four bars.
func TestBarsCountOnce(t *testing.T) {
	t.Parallel()
	checked := 0
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			for _, x := range p.Targets {
				counts := strings.Contains(x.Expr, "increase(") && !strings.Contains(x.Expr, "rate(")
				if counts && strings.Contains(x.Expr, "[$__rate_interval]") {
					checked++
					require.Equal(t, "2m", p.Interval, "%s: %s", b.file, p.Title)
					require.Equal(t, new(0.0), p.FieldConfig.Defaults.Decimals, "%s: %s: increase() guesses parts of one", b.file, p.Title)
				}
			}
		}
	}
	require.GreaterOrEqual(t, checked, 7)
}
