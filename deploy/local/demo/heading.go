package demo

import (
	"fmt"
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// trends lists the rules that will pass a limit, the nearest first, and the number of
// unfinished episodes.
func trends(now Reading) string {
	ahead := now.series("flink_sidecar_trend_breach_seconds", labels{"bound": "point"})
	slices.SortStableFunc(ahead, func(a, b *dto.Metric) int {
		return int(a.GetGauge().GetValue() - b.GetGauge().GetValue())
	})
	var parts []string
	for _, breach := range ahead {
		text := fmt.Sprintf("%s%s in %s", label(breach, "rule"), on(breach), span(breach.GetGauge().GetValue()))
		same := labels{"rule": label(breach, "rule"), "process": label(breach, "process"), "job": label(breach, "job")}
		if firing, _ := now.sum("flink_sidecar_trend_firing", same); firing > 0 {
			text += " (fires)"
		}
		parts = append(parts, text)
	}
	if len(parts) == 0 {
		parts = []string{noLimit(now)}
	}
	line := "trends: " + strings.Join(parts, ", ")
	if open, known := now.sum("flink_sidecar_episodes_open", nil); known && open > 0 {
		line += fmt.Sprintf("; episodes in progress: %.0f", open)
	}
	return line
}

// noLimit is the text while no rule expects a breach: with few samples none can.
func noLimit(now Reading) string {
	samples, known := now.sum("flink_sidecar_trend_samples", labels{"rule": rampRule, "job": jobName})
	return fmt.Sprintf("no breach expected (%s samples of %s)", number(samples, known), rampRule)
}

// on names the process of a series, if it has one.
func on(metric *dto.Metric) string {
	if process := label(metric, "process"); process != "" {
		return " on " + process
	}
	return ""
}

func label(metric *dto.Metric, name string) string {
	for _, pair := range metric.GetLabel() {
		if pair.GetName() == name {
			return pair.GetValue()
		}
	}
	return ""
}
