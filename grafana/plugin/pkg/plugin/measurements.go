package plugin

import (
	"context"
	"slices"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// series are values over time of one name and one set of labels.
type series struct {
	name, unit string
	labels     data.Labels
	times      []time.Time
	values     []*float64
}

// known reports whether there is a value.
func (x *series) known() bool {
	return slices.ContainsFunc(x.values, func(v *float64) bool { return v != nil })
}

// seriesOf gathers values into series, in the order in which they appear.
type seriesOf struct {
	all   []*series
	named map[string]*series
}

// add adds a value; nil is unknown: a gap, which a value that is left out would not be.
func (s *seriesOf) add(name, unit string, labels data.Labels, at time.Time, value *float64) {
	key := name + labels.String()
	x, found := s.named[key]
	if !found {
		x = &series{name: name, unit: unit, labels: labels}
		if s.named == nil {
			s.named = map[string]*series{}
		}
		s.all, s.named[key] = append(s.all, x), x
	}
	x.times, x.values = append(x.times, at), append(x.values, value)
}

// frames are one frame for each series with a value, oldest value first.
func (s *seriesOf) frames() data.Frames {
	frames := data.Frames{}
	for _, x := range s.all {
		if !x.known() {
			continue
		}
		slices.Reverse(x.times)
		slices.Reverse(x.values)
		value := data.NewField(x.name, x.labels, x.values)
		value.SetConfig(unit(x.unit))
		f := data.NewFrame(x.name, data.NewField("time", nil, x.times), value)
		f.SetMeta(&data.FrameMeta{Type: data.FrameTypeTimeSeriesMulti, TypeVersion: data.FrameTypeVersion{0, 1}})
		frames = append(frames, f)
	}
	return frames
}

// listMeasurements reads those of a query's time range, newest first.
func (d *Datasource) listMeasurements(ctx context.Context, q query) ([]episode.Measurement, bool, error) {
	id := func(m episode.Measurement) string { return m.ID }
	return collect(q, id, func(of episode.JobRef, before string, limit int) ([]episode.Measurement, string, error) {
		list, err := d.client.MeasurementsOf(ctx, api.MeasurementQuery{
			Of: of, Kind: q.Kind, Before: before, From: q.From, To: q.To, Limit: limit,
		})
		return list.Measurements, list.Next, err
	})
}

// measurements are throughput, and the outcomes of the probe's records by sink, over time.
func measurements(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	list, more, err := d.listMeasurements(ctx, q)
	if err != nil {
		return nil, err
	}
	var s seriesOf
	for _, m := range list {
		labels := jobLabels(m)
		s.add("throughput", "recps", labels, m.Began, m.Throughput)
		for _, a := range m.Accounts {
			for _, o := range episode.RecordOutcomes() {
				of := jobLabels(m)
				of["sink"], of["outcome"] = a.Sink, string(o)
				count := float64(a.Outcomes[o])
				s.add("records", "short", of, m.Began, &count)
			}
		}
	}
	return noticed(s.frames(), more, q.Limit), nil
}

// hops are the latencies of the probe's records over time.
func hops(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	list, more, err := d.listMeasurements(ctx, q)
	if err != nil {
		return nil, err
	}
	var s seriesOf
	for _, m := range list {
		for _, h := range m.Hops {
			for _, value := range []struct {
				quantile string
				seconds  float64
			}{{"0.5", h.P50}, {"0.99", h.P99}, {"1", h.Max}} {
				labels := jobLabels(m)
				labels["hop"], labels["quantile"] = h.Name, value.quantile
				s.add("latency", "s", labels, m.Began, &value.seconds)
			}
		}
	}
	return noticed(s.frames(), more, q.Limit), nil
}

func jobLabels(m episode.Measurement) data.Labels {
	labels := data.Labels{"job": m.Job}
	if m.Cluster != "" {
		labels["cluster"] = m.Cluster
	}
	if m.Kind != "" {
		labels["kind"] = m.Kind
	}
	return labels
}

// noticed says on the first frame that measurements were left out.
func noticed(frames data.Frames, more bool, rows int) data.Frames {
	if len(frames) > 0 {
		cut(frames[0], more, rows)
	}
	return frames
}
