package promrules

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// explained is how many standard deviations of the window the line must rise within the
// window, so that it explains more than half of the variance (r² > 0.5): the values of a pure
// ramp of height h have the standard deviation h/√12, so h > √0.5·√12 standard deviations.
// Without this, predict_linear fires on noise.
const explained = 2.45

// medianOver is the time of which a limit by the median is a multiple. The sidecar itself uses
// the whole epoch.
const medianOver = 24 * time.Hour

// trendAlert writes one rule as an alert, with the recording rule that it needs.
func trendAlert(rule alerts.Rule, keep time.Duration, inline bool) (Rule, *Rule) {
	v := vectorOf(rule, inline)
	out := Rule{
		Alert: alerts.AlertName(rule.Name), Expr: onceOf(rule, trendExpr(rule, v)),
		For: lasting(rule.For), KeepFiringFor: lasting(keep),
		Labels: map[string]string{"rule": rule.Name, "severity": string(rule.Severity)},
		Annotations: map[string]string{
			"summary": summaryOf(rule), "description": descriptionOf(rule), "runbook_url": templated(rule, rule.RunbookFor),
		},
	}
	if row, _ := signal.Lookup(rule.Signal); row.Subject == signal.OfProcess {
		out.Labels["process"] = "{{ $labels.taskmanager }}"
	}
	if rule.Symptom != "" {
		out.Labels["symptom"] = rule.Symptom
	}
	return out, v.record
}

// onceOf is the worst value of those of all sidecars that watch a cluster, such as one that stands by:
// one trouble is one alert. Metrics of the probe do not name their cluster, so that each sidecar has its
// own.
func onceOf(rule alerts.Rule, expr string) string {
	if row, _ := signal.Lookup(rule.Signal); row.Subject == signal.OfProbe {
		return expr
	}
	if rule.Below {
		return onceBy("min", expr)
	}
	return onceBy("max", expr)
}

// onceBy drops the labels that Prometheus gives to each sidecar. The others, such as a namespace, stay.
func onceBy(operator, expr string) string {
	if strings.Contains(expr, "\n") {
		expr = "\n  " + strings.ReplaceAll(expr, "\n", "\n  ") + "\n"
	}
	return operator + " without (instance, pod) (" + expr + ")"
}

// trendExpr is the present value where it is beyond the limit, or where the line of the window
// will be within the horizon.
func trendExpr(rule alerts.Rule, v vector) string {
	beyond := ">="
	if rule.Below {
		beyond = "<="
	}
	var either []string
	for _, limit := range limits(rule, v) {
		either = append(either, fmt.Sprintf("%s %s %s", v.selector, beyond, limit))
		if rule.LevelOnly {
			continue
		}
		window, goal := windowExpr(rule, v), straightened(rule, limit)
		slope := fmt.Sprintf("deriv(%s)", window)
		if rule.Below {
			slope = "-" + slope
		}
		either = append(either, fmt.Sprintf("(\n  %s\n  and predict_linear(%s, %.0f) %s %s\n"+
			"  and %s > %g * stddev_over_time(%s) / %.0f\n%s)", v.selector, window,
			rule.Horizon.Seconds(), beyond, goal, slope, explained, window, rule.Window.Seconds(), cut(rule)))
	}
	return strings.Join(either, "\nor\n")
}

// windowExpr is the window that the line is fitted to. A bent signal is made straight sample by
// sample, in a subquery.
func windowExpr(rule alerts.Rule, v vector) string {
	if even := straightened(rule, v.selector); even != v.selector {
		return fmt.Sprintf("(%s)[%s:]", even, lasting(rule.Window))
	}
	return v.over(lasting(rule.Window))
}

// straightened is [signal.Row.Straight] in PromQL.
func straightened(rule alerts.Rule, expr string) string {
	row, _ := signal.Lookup(rule.Signal)
	if !row.Bent {
		return expr
	}
	if number, err := strconv.ParseFloat(expr, 64); err == nil {
		return strconv.FormatFloat(row.Straight(number), 'f', -1, 64)
	}
	return fmt.Sprintf("ln(1 + %s)", expr)
}

// limits are the limits of a rule in PromQL.
func limits(rule alerts.Rule, v vector) []string {
	var out []string
	if rule.Threshold != nil {
		out = append(out, strconv.FormatFloat(*rule.Threshold, 'f', -1, 64))
	}
	if rule.FractionOfMax > 0 && v.most != "" {
		out = append(out, fmt.Sprintf("%g * %s", rule.FractionOfMax, v.most))
	}
	if rule.MultipleOfMedian > 0 {
		out = append(out, fmt.Sprintf("%g * quantile_over_time(0.5, %s)", rule.MultipleOfMedian,
			v.over(lasting(medianOver))))
	}
	return out
}

// aroundStart is the time in which a sample of the beginning of a window may lie.
const aroundStart = 10 * time.Minute

// cut leaves out a line through two runs, processes or epochs. A TaskManager with a new id has no
// reset: its start is seen by what is not there at the beginning of the window.
func cut(rule alerts.Rule) string {
	row, _ := signal.Lookup(rule.Signal)
	window := lasting(rule.Window)
	switch {
	case row.Subject == signal.OfProbe:
		return ""
	case rule.Scope == signal.Run:
		return fmt.Sprintf("  unless on (cluster, job) flink_job_uptime_seconds < %.0f\n", rule.Window.Seconds())
	case rule.Scope == signal.Process:
		return fmt.Sprintf("  unless on (cluster, taskmanager) resets(flink_tm_cpu_seconds_total[%s]) > 0\n"+
			"  and on (cluster, taskmanager) last_over_time(flink_tm_cpu_seconds_total[%s] offset %s)\n",
			window, lasting(min(aroundStart, rule.Window/4)), window)
	}
	return fmt.Sprintf("  unless on (cluster, job) count by (cluster, job) (%s) > 1\n",
		onceBy("max", fmt.Sprintf("last_over_time(flink_job_info[%s])", window)))
}

// summaryOf is a fixed sentence: no label and no value.
func summaryOf(rule alerts.Rule) string {
	words, of := strings.ToUpper(rule.Subject[:1])+rule.Subject[1:], " is beyond its limit"
	if row, _ := signal.Lookup(rule.Signal); row.Plural {
		of = " are beyond their limit"
	}
	words += of
	if rule.LevelOnly {
		return words + "."
	}
	return words + ", or will be soon."
}

// descriptionOf says what is measured and where. The value of the expression is the present
// value of the signal.
func descriptionOf(rule alerts.Rule) string {
	if own := templated(rule, rule.Summarized); own != "" {
		return own
	}
	row, _ := signal.Lookup(rule.Signal)
	text := fmt.Sprintf("%s %s %s%s.", strings.ToUpper(rule.Subject[:1])+rule.Subject[1:], row.Is(), humanized(rule.Unit),
		map[signal.Subject]string{
			signal.OfJob:     " in job {{ $labels.job }} of cluster {{ $labels.cluster }}",
			signal.OfVertex:  " at {{ $labels.vertex }} in job {{ $labels.job }} of cluster {{ $labels.cluster }}",
			signal.OfProcess: " on {{ $labels.taskmanager }} of cluster {{ $labels.cluster }}",
		}[row.Subject])
	if rule.LevelOnly {
		return text
	}
	return text + fmt.Sprintf(" It is beyond the limit, or the line of the last %s passes it within %s.",
		lasting(rule.Window), lasting(rule.Horizon))
}

func humanized(unit snapshot.Unit) string {
	switch unit {
	case snapshot.Seconds:
		return "{{ $value | humanizeDuration }}"
	case snapshot.Bytes:
		return "{{ $value | humanize1024 }}B"
	case snapshot.Ratio:
		return "{{ $value | humanizePercentage }}"
	}
	return "{{ $value | humanize }}"
}
