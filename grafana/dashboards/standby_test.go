package dashboards

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
)

// byEach reports whether a sidecar has a metric also while it stands by: what its collector exports.
func byEach(metric string) bool {
	return !strings.HasPrefix(metric, "flink_sidecar_") || metric == "flink_sidecar_signal_unknown" ||
		strings.HasPrefix(metric, "flink_sidecar_collector_")
}

// targetOnce: a query makes one value of those of two sidecars on a history before it joins, adds or
// counts. A join on labels without the instance fails otherwise, and a sum is double.
func targetOnce(t *testing.T, b board) (faults []string) {
	for _, q := range b.queries() {
		parser.Inspect(q.parsed(t), func(node parser.Node, path []parser.Node) error {
			s, is := node.(*parser.VectorSelector)
			if is && byEach(s.Name) && !once(path) {
				faults = append(faults, fmt.Sprintf("%s has %s of each sidecar: write max by its labels around it", q.where, s.Name))
			}
			return nil
		})
	}
	return faults
}

// once reports whether max or min is the first on the way from a series to the result that puts values
// together. Functions and comparisons of sets leave each series alone.
func once(path []parser.Node) bool {
	for _, node := range slices.Backward(path) {
		switch e := node.(type) {
		case *parser.AggregateExpr:
			return e.Op == parser.MAX || e.Op == parser.MIN
		case *parser.BinaryExpr:
			if !e.Op.IsSetOperator() {
				return false
			}
		}
	}
	return false
}

// TestOnce has what a pair of sidecars breaks, and how it is written.
func TestOnce(t *testing.T) {
	t.Parallel()
	for expr, good := range map[string]bool{
		`flink_job_up`:                false,
		`sum(flink_job_up == bool 0)`: false,
		`sum by (job) (increase(flink_job_restarts_total[5m]))`:              false,
		`max by (job) (flink_job_up / on (job) flink_job_up)`:                false,
		`max by (job) (flink_job_up) + on (job) flink_job_up`:                false,
		`bottomk(10, flink_job_headroom_ratio)`:                              false,
		`max by (job) (flink_job_up) + on (job) max by (job) (flink_job_up)`: true,
		`sum(max by (job) (flink_job_up) == bool 0)`:                         true,
		`max by (job) (increase(flink_job_restarts_total[5m]))`:              true,
		`max by (job) (flink_job_up and on (instance) flink_sidecar_up)`:     true,
		`increase(max by (job) (flink_job_restarts_total)[1h:1m])`:           true,
		`sum(flink_sidecar_trend_firing)`:                                    true,
	} {
		faults := targetOnce(t, board{Panels: []panel{{Title: "one", Targets: []target{{Expr: expr}}}}})
		require.Equal(t, good, len(faults) == 0, "%s: %s", expr, faults)
	}
}
