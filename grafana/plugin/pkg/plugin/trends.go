package plugin

import (
	"context"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// trends are the signals that rules follow now.
func trends(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	type row = api.Trend
	var rows []row
	for _, of := range q.refs() {
		list, err := d.client.Trends(ctx, of, 0)
		if err != nil {
			return nil, err
		}
		rows = append(rows, list.Trends...)
	}
	if q.ForAlert {
		return data.Frames{firesFrame(rows)}, nil
	}
	breach := func(value func(api.Breach) *float64) func(row) *float64 {
		return func(r row) *float64 {
			if r.Breach == nil {
				return nil
			}
			return value(*r.Breach)
		}
	}
	return data.Frames{tableOf("trends",
		field("rule", column(rows, func(r row) string { return r.Rule }), nil),
		field("job", column(rows, func(r row) string { return r.Job }), nil),
		field("vertex", column(rows, func(r row) string { return r.Vertex }), nil),
		field("process", column(rows, func(r row) string { return r.Process }), nil),
		field("state", column(rows, func(r row) string { return r.State }), nil),
		field("breach", column(rows, breach(breachPoint)), unit("s")),
		field("earliest", column(rows, breach(breachLow)), unit("s")),
		field("latest", column(rows, breach(breachHigh)), unit("s")),
		field("level", column(rows, func(r row) *float64 { return r.Level }), nil),
		field("limit", column(rows, func(r row) *float64 { return r.Limit }), nil),
		field("unit", column(rows, func(r row) string { return r.Unit }), nil),
		field("samples", column(rows, func(r row) int64 { return int64(r.Samples) }), nil),
		field("fires", column(rows, func(r row) bool { return r.Firing }), nil),
		field("summary", column(rows, func(r row) string { return r.Summary }), nil),
		field("cluster", column(rows, func(r row) string { return r.Cluster }), nil),
	)}, nil
}

// firesFrame is what an alert rule can judge: one number for each trend, which is 1 while its rule
// fires. It is null while the trend is unknown. The texts are labels.
func firesFrame(rows []api.Trend) *data.Frame {
	type row = api.Trend
	f := data.NewFrame("trends",
		field("fires", column(rows, fires), nil),
		field("rule", column(rows, func(r row) string { return r.Rule }), nil),
		field("job", column(rows, func(r row) string { return r.Job }), nil),
		field("vertex", column(rows, func(r row) string { return r.Vertex }), nil),
		field("process", column(rows, func(r row) string { return r.Process }), nil),
		field("cluster", column(rows, func(r row) string { return r.Cluster }), nil),
	)
	f.SetMeta(&data.FrameMeta{Type: data.FrameTypeNumericLong, TypeVersion: data.FrameTypeVersion{0, 1}})
	return f
}

func fires(r api.Trend) *float64 {
	switch {
	case r.Firing:
		return new(1.0)
	case r.State == "unknown":
		return nil
	}
	return new(0.0)
}

func breachPoint(b api.Breach) *float64 { return &b.PointSeconds }
func breachLow(b api.Breach) *float64   { return &b.LowSeconds }
func breachHigh(b api.Breach) *float64  { return b.HighSeconds }
