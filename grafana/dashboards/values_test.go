package dashboards

import (
	"slices"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// world has the value of each metric, by its name and the value of one more label. What is not there
// has no series. Each metric has one series, so that every expression has one value or none.
type world map[string]float64

// valueOf evaluates as much of PromQL as the queries below need. nil is no series.
func (w world) valueOf(t *testing.T, expr parser.Expr) *float64 {
	t.Helper()
	switch e := expr.(type) {
	case *parser.ParenExpr:
		return w.valueOf(t, e.Expr)
	case *parser.NumberLiteral:
		return &e.Val
	case *parser.AggregateExpr:
		return w.valueOf(t, e.Expr)
	case *parser.Call:
		return w.valueOf(t, e.Args[0])
	case *parser.MatrixSelector:
		return w.valueOf(t, e.VectorSelector)
	case *parser.VectorSelector:
		key := e.Name
		for _, m := range e.LabelMatchers {
			if slices.Contains([]string{"hop", "bound"}, m.Name) {
				key += " " + m.Value
			}
		}
		if v, found := w[key]; found {
			return &v
		}
		return nil
	case *parser.BinaryExpr:
		return combined(t, e, w.valueOf(t, e.LHS), w.valueOf(t, e.RHS))
	}
	require.Fail(t, "not evaluated", "%T", expr)
	return nil
}

func combined(t *testing.T, e *parser.BinaryExpr, left, right *float64) *float64 {
	t.Helper()
	switch {
	case e.Op == parser.LOR && left == nil:
		return right
	case e.Op == parser.LOR:
		return left
	case left == nil || right == nil:
		return nil
	}
	holds := map[parser.ItemType]bool{parser.GTR: *left > *right, parser.LSS: *left < *right, parser.GTE: *left >= *right, parser.LTE: *left <= *right}
	if is, compares := holds[e.Op]; compares {
		switch {
		case e.ReturnBool && is:
			return new(1.0)
		case e.ReturnBool:
			return new(0.0)
		case is:
			return left
		}
		return nil
	}
	result, known := map[parser.ItemType]float64{
		parser.ADD: *left + *right, parser.SUB: *left - *right, parser.MUL: *left * *right, parser.DIV: *left / *right,
	}[e.Op]
	require.True(t, known, "%s", e)
	return &result
}

// queriesOf are the queries of a panel by their letter.
func queriesOf(t *testing.T, file string, id int) map[string]parser.Expr {
	t.Helper()
	all := map[string]parser.Expr{}
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			for _, target := range p.Targets {
				if b.file == file && p.ID == id {
					all[target.RefID] = query{b.file, p.Title, target.Expr}.parsed(t)
				}
			}
		}
	}
	require.NotEmpty(t, all)
	return all
}

// TestHopsAddUp: the layers of where the time goes are the whole time until a record is visible, also
// where the time of a hop between is not known. A hop without a record has a series of zeros.
func TestHopsAddUp(t *testing.T) {
	t.Parallel()
	queries := queriesOf(t, "end-to-end.json", 5)
	seconds := map[string]float64{"acknowledged": 1, "ingested": 3, "indexed": 7, "visible": 15}
	for _, unknown := range [][]string{{}, {"ingested"}, {"indexed"}, {"ingested", "indexed"}, {"indexed", "visible"}} {
		for _, zeros := range []bool{false, true} {
			w, last := world{}, 0.0
			for hop, s := range seconds {
				switch missing := slices.Contains(unknown, hop); {
				case !missing:
					w["flink_sidecar_probe_latency_seconds_sum "+hop], w["flink_sidecar_probe_latency_seconds_count "+hop] = 2*s, 2
					last = max(last, s)
				case zeros:
					w["flink_sidecar_probe_latency_seconds_sum "+hop], w["flink_sidecar_probe_latency_seconds_count "+hop] = 0, 0
				}
			}
			whole := 0.0
			for letter, expr := range queries {
				if v := w.valueOf(t, expr); v != nil {
					require.Positive(t, *v, "%s without %v", letter, unknown)
					whole += *v
				}
			}
			require.InDelta(t, last, whole, 1e-9, "without %v, zeros %t", unknown, zeros)
		}
	}
}

// TestVerdict is that of the table of the scale tests: see docs/history.md.
func TestVerdict(t *testing.T) {
	t.Parallel()
	verdict := queriesOf(t, "changes.json", 1)["F"]
	const improvement, bound = "flink_sidecar_change_improvement_ratio", "flink_sidecar_change_improvement_bound_ratio "
	for _, c := range []struct {
		says string
		w    world
		code float64
	}{
		{"better", world{improvement: 0.1, bound + "low": 0.02, bound + "high": 0.2}, 1},
		{"better, just so", world{improvement: 0.05, bound + "low": 0.01, bound + "high": 0.2}, 1},
		{"worse", world{improvement: -0.1, bound + "low": -0.2, bound + "high": -0.02}, -1},
		{"~, the interval contains 0", world{improvement: 0.1, bound + "low": -0.02, bound + "high": 0.2}, 0},
		{"~, too small", world{improvement: 0.04, bound + "low": 0.02, bound + "high": 0.06}, 0},
		{"~, too small and less", world{improvement: -0.04, bound + "low": -0.06, bound + "high": -0.02}, 0},
		{"too few samples", world{improvement: 0.4}, 2},
	} {
		got := c.w.valueOf(t, verdict)
		require.NotNil(t, got, c.says)
		require.InDelta(t, c.code, *got, 0, c.says)
	}
	require.Nil(t, world{"flink_sidecar_change_throughput_records_per_second": 100}.valueOf(t, verdict), "the baseline has none")
}

// TestBand: what is filled is between two series of the panel.
func TestBand(t *testing.T) {
	t.Parallel()
	var legends, filled []string
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			for _, target := range p.Targets {
				legends = append(legends, b.file+target.Legend)
			}
			for _, o := range p.FieldConfig.Overrides {
				for _, property := range o.Properties {
					if property.ID == "custom.fillBelowTo" {
						filled = append(filled, b.file+property.Value.(string), b.file+o.Matcher.Options.(string))
					}
				}
			}
		}
	}
	require.NotEmpty(t, filled)
	for _, name := range filled {
		require.Contains(t, legends, name, "Grafana finds it by its whole name")
	}
}
