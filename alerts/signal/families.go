package signal

import (
	dto "github.com/prometheus/client_model/go"
)

// FromFamilies returns the series that signals need of gathered metrics. Of a histogram
// these are its sum and its count.
func FromFamilies(families []*dto.MetricFamily) []Series {
	var out []Series
	for _, family := range families {
		name := family.GetName()
		if !needed[name] && !needed[name+"_sum"] {
			continue
		}
		for _, m := range family.GetMetric() {
			labels := make(map[string]string, len(m.GetLabel()))
			for _, l := range m.GetLabel() {
				labels[l.GetName()] = l.GetValue()
			}
			switch {
			case m.GetHistogram() != nil:
				out = append(out,
					Series{name + "_sum", labels, m.GetHistogram().GetSampleSum()},
					Series{name + "_count", labels, float64(m.GetHistogram().GetSampleCount())})
			case m.GetCounter() != nil:
				out = append(out, Series{name, labels, m.GetCounter().GetValue()})
			case m.GetGauge() != nil:
				out = append(out, Series{name, labels, m.GetGauge().GetValue()})
			}
		}
	}
	return out
}
