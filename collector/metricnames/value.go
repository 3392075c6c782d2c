package metricnames

import (
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// Value is an output and its value; nil means unknown.
type Value struct {
	Family *Family
	Labels []string
	Value  *float64
}

// Values converts the answers to values of the families.
func Values(wanted []Wanted, found flink.Aggregates) []Value {
	var all []Value
	for _, w := range wanted {
		s, reported := found[w.Name]
		for _, in := range w.into {
			r := Value{Family: in.family, Labels: w.labels}
			if reported {
				value, there := in.value(s)
				if !there {
					continue // Flink says that there is none yet
				}
				r.Value = &value
			}
			all = append(all, r)
		}
	}
	return all
}
