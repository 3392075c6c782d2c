package metricnames

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// UserMetric is a rule that exports metrics which the job itself registers, or any other
// that Flink lists for a vertex, as flink_user_*.
type UserMetric struct {
	// Match is a regular expression (RE2) that must match Flink's name as a
	// whole: OPERATOR.GROUP.METRIC, in which Flink has replaced what is not a
	// letter or a digit in the operator's name. For a histogram it is the name
	// without the ending _p99 and so on.
	Match string `yaml:"match"`
	// Exclude leaves out names that Match would include; empty excludes none.
	Exclude string `yaml:"exclude,omitempty"`
	// Name is the part after flink_user_, in which ${1} and ${group} stand for what Match
	// captured. Empty means the last part of Flink's name.
	Name string `yaml:"name,omitempty"`
	// Type is one of the types below; empty means gauge. Flink's REST API does not report
	// the type.
	Type string `yaml:"type,omitempty"`
	// Aggregate makes one value of those of the subtasks: sum, avg, min or max. Empty
	// means the sum, and for a histogram the maximum.
	Aggregate string `yaml:"aggregate,omitempty"`
	// Scale multiplies a value, to reach a base unit: 0.001 makes seconds of
	// milliseconds. 0 means 1.
	Scale float64 `yaml:"scale,omitempty"`
	// Labels are further labels; their values are built as Name is.
	Labels map[string]string `yaml:"labels,omitempty"`
	// Help is the help text; Flink's name is added to it.
	Help string `yaml:"help,omitempty"`
}

// The types of a user's metric.
const (
	// TypeGauge is a value as it is.
	TypeGauge = "gauge"
	// TypeCounter counts up; its name ends in _total.
	TypeCounter = "counter"
	// TypeMeter is the rate of a meter, which Flink takes over a minute; its name
	// ends in _per_second.
	TypeMeter = "meter"
	// TypeHistogram is the quantiles of a histogram. Flink's REST API has neither
	// its count nor its sum, so it is a gauge with the label quantile.
	TypeHistogram = "histogram"
)

// aggregates are the ways to make one value of those of the subtasks, by their
// names in a configuration.
func aggregates() map[string]func(subtasks) float64 {
	return map[string]func(subtasks) float64{"sum": sum, "avg": mean, "min": least, "max": most}
}

// taken are the labels that every user metric already has.
func taken() []string {
	return []string{"cluster", "job", "vertex", "vertex_id", "operator", "quantile"}
}

// Validate returns what is wrong with a rule.
func (u *UserMetric) Validate() setting.Faults {
	var faults setting.Faults
	if u.Match == "" {
		faults.Add("match", `say which names, for example '[^.]+\.shop\.(orders_.+)'`, "missing")
	}
	for key, expression := range map[string]string{"match": u.Match, "exclude": u.Exclude} {
		if _, err := regexp.Compile(expression); err != nil {
			faults.Add(key, "see https://github.com/google/re2/wiki/Syntax", "%q is not a regular expression: %v",
				expression, err)
		}
	}
	if types := []string{"", TypeGauge, TypeCounter, TypeMeter, TypeHistogram}; !slices.Contains(types, u.Type) {
		faults.Add("type", "one of gauge, counter, meter, histogram", "unknown type %q", u.Type)
	}
	if _, known := aggregates()[u.Aggregate]; !known && u.Aggregate != "" {
		faults.Add("aggregate", "one of sum, avg, min, max", "unknown aggregate %q", u.Aggregate)
	}
	if !(u.Scale >= 0 && u.Scale <= math.MaxFloat64) {
		faults.Add("scale", "give the factor to a base unit, for example 0.001", "%g is negative or not a number",
			u.Scale)
	}
	for label := range u.Labels {
		if !model.LegacyValidation.IsValidLabelName(label) || strings.HasPrefix(label, "__") {
			faults.Add("labels."+label, "letters, digits and _ after a letter", "%q is not a valid label", label)
		} else if slices.Contains(taken(), label) {
			faults.Add("labels."+label, "choose another name", "every metric of a job has a label %q", label)
		}
	}
	return faults
}
