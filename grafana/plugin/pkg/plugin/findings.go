package plugin

import (
	"context"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func findings(ctx context.Context, d *Datasource, q query) (data.Frames, error) {
	type row = api.FindingEntry
	id := func(r row) string { return r.Episode }
	list, more, err := collect(q, id, func(of episode.JobRef, before string, limit int) ([]row, string, error) {
		list, err := d.client.Findings(ctx, api.FindingQuery{
			Of: of, Category: q.Category, Severity: episode.Severity(q.Severity), Before: before,
			From: q.From, To: q.To, Limit: limit,
		})
		return list.Findings, list.Next, err
	})
	if err != nil {
		return nil, err
	}
	f := tableOf("findings",
		field("opened", column(list, func(r row) time.Time { return r.At }), nil),
		field("rank", column(list, func(r row) int64 { return int64(r.Finding.Rank) }), nil),
		field("title", column(list, func(r row) string { return r.Finding.Title }),
			&data.FieldConfig{Links: d.momentLinks("episode")}),
		field("gain at most", column(list, highest), unit("percent")),
		field("gain at least", column(list, lowest), unit("percent")),
		field("severity", column(list, func(r row) string { return string(r.Finding.Severity) }), nil),
		field("confidence", column(list, func(r row) float64 { return r.Finding.Confidence }), unit("percentunit")),
		field("change", column(list, func(r row) string { return r.Finding.Change }), nil),
		field("why", column(list, func(r row) string { return r.Finding.Why }), nil),
		field("category", column(list, func(r row) string { return r.Finding.Category }), nil),
		field("mark", column(list, marked), nil),
		field("vertex", column(list, func(r row) string { return r.Vertex }), nil),
		field("job", column(list, func(r row) string { return r.Job }), nil),
		field("cluster", column(list, func(r row) string { return r.Cluster }), nil),
		field("source", column(list, func(r row) string { return r.Finding.Source }), nil),
		field("finding", column(list, func(r row) string { return r.Finding.ID }), nil),
		field("episode", column(list, func(r row) string { return r.Episode }), &data.FieldConfig{Links: d.episodeLinks("episode")}),
	)
	return data.Frames{cut(f, more, q.Limit)}, nil
}

func highest(r api.FindingEntry) *float64 {
	if r.Finding.Impact == nil {
		return nil
	}
	return &r.Finding.Impact.HighPercent
}

func lowest(r api.FindingEntry) *float64 {
	if r.Finding.Impact == nil {
		return nil
	}
	return &r.Finding.Impact.LowPercent
}

func marked(r api.FindingEntry) string {
	if r.Mark == nil {
		return ""
	}
	return string(r.Mark.Decision)
}
