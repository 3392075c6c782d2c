package promrules

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
)

// vector is a signal as PromQL: a selector that ranges can follow.
type vector struct {
	// selector is a metric, of Flink or of a recording rule, with matchers.
	selector string
	// most is the maximum of the signal; empty if there is none.
	most string
	// record computes the metric of the selector; nil for a metric of the page, and for a signal
	// that is written inline.
	record *Rule
	// inline is true if the selector is an expression, which only a subquery can range over.
	inline bool
}

// subqueryStep is the time between the values of an expression that a range goes over.
const subqueryStep = time.Minute

// over is the past of the vector.
func (v vector) over(length string) string {
	if v.inline {
		length += ":" + lasting(subqueryStep)
	}
	return v.selector + "[" + length + "]"
}

// vectorOf writes the signal of a rule. A signal that is computed has a recording rule, named
// level:metric:operation, unless it is to be written inline.
func vectorOf(rule alerts.Rule, inline bool) vector {
	row, _ := signal.Lookup(rule.Signal)
	matchers := matchersOf(rule.Match, row.Subject)
	v := vector{selector: selector(row.Metric, row.Select, matchers)}
	if row.Max != "" {
		v.most = selector(row.Max, row.Select, matchers)
	}
	switch name, _ := recording(row, rule, nil); {
	case name == "":
	case inline:
		_, expr := recording(row, rule, matchers)
		v.selector, v.inline = "("+expr+")", true
	default:
		_, expr := recording(row, rule, nil)
		v.record = &Rule{Record: name, Expr: expr}
		v.selector = selector(name, nil, matchers)
	}
	return v
}

// recording is the name and the expression of the recording rule of a signal, of the series that
// the matchers select; empty for one that is a metric of the page.
func recording(row signal.Row, rule alerts.Rule, matchers []string) (name, expr string) {
	metric := strings.TrimSuffix(row.Metric, "_total")
	over := lasting(row.Over)
	selected := selector(row.Metric, row.Select, matchers)
	without := "sum without (" + strings.Join(extraLabels(row), ", ") + ") "
	switch {
	case row.Of != "":
		outcome := row.Select["outcome"]
		return fmt.Sprintf("%s:%s_%s:ratio_rate%s", level(row), metric, outcome, over),
			fmt.Sprintf("%s(rate(%s[%s]))\n/\n(%s(rate(%s[%s])) > 0)", without, selected, over, without,
				selector(row.Of, row.OfSelect, matchers), over)
	case row.Quantile > 0: // without observations it is NaN, and that is not at least 0
		return fmt.Sprintf("%s:%s:p%.0f_%s", level(row), strings.TrimSuffix(metric, "_bucket"), 100*row.Quantile, over),
			fmt.Sprintf("max without (%s) (histogram_quantile(%g, rate(%s[%s])) >= 0)",
				strings.Join(extraLabels(row), ", "), row.Quantile, selected, over)
	case row.Per > 1:
		return fmt.Sprintf("%s:%s_per_hour:rate%s", level(row), metric, over),
			fmt.Sprintf("%g * rate(%s[%s])", row.Per, selected, over)
	case row.Over > 0:
		return fmt.Sprintf("%s:%s:rate%s", level(row), metric, over),
			fmt.Sprintf("%s(rate(%s[%s]))", without, selected, over)
	case row.SawTooth:
		return fmt.Sprintf("%s:%s_%s:min%s", level(row), metric, row.Select["area"], lasting(rule.Stretch)),
			fmt.Sprintf("min_over_time(%s[%s])", selected, lasting(rule.Stretch))
	case row.Sum:
		return fmt.Sprintf("%s:%s:sum", level(row), metric), without + "(" + selected + ")"
	}
	return "", ""
}

// level is what a signal is about, for the name of a recording rule.
func level(row signal.Row) string {
	if row.Subject == signal.OfProcess {
		return "taskmanager"
	}
	return string(row.Subject)
}

// extraLabels are the labels by which the series of one subject differ.
func extraLabels(row signal.Row) []string {
	switch {
	case row.Name == "gc-share":
		return []string{"gc"}
	case row.Subject == signal.OfProbe && row.Sum:
		return []string{"outcome", "sink"}
	case row.Subject == signal.OfProbe:
		return []string{"hop"}
	case row.Subject == signal.OfVertex:
		return []string{"operator"}
	}
	return []string{"operator", "state", "vertex", "vertex_id"}
}

// matchersOf are the matchers of a rule in PromQL. A vertex is matched by its name only. The
// metrics of the probe name neither cluster nor job.
func matchersOf(m alerts.MatchConfig, of signal.Subject) []string {
	var out []string
	if of == signal.OfProbe {
		return nil
	}
	for _, one := range []struct{ label, text string }{
		{"cluster", m.Cluster}, {"job", m.Job}, {"vertex", m.Vertex}, {"taskmanager", m.Process},
	} {
		if one.text != "" {
			out = append(out, one.label+"=~"+strconv.Quote(one.text))
		}
	}
	return out
}

func selector(metric string, selected map[string]string, matchers []string) string {
	var all []string
	for _, label := range slices.Sorted(maps.Keys(selected)) {
		all = append(all, label+"="+strconv.Quote(selected[label]))
	}
	all = append(all, matchers...)
	if len(all) == 0 {
		return metric
	}
	return metric + "{" + strings.Join(all, ",") + "}"
}
