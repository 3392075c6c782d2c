package api

import (
	"context"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TrendList is the answer of GET /api/v1/trends.
type TrendList struct {
	Trends []Trend `json:"trends"`
}

func (h *Handler) trends(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of := q.job()
	list := TrendList{Trends: []Trend{}}
	for _, t := range h.sources.Status().complete().Trends {
		if of.Takes(episode.JobRef{Cluster: t.Cluster, Job: t.Job}) {
			list.Trends = append(list.Trends, t)
		}
	}
	return list, q.err
}

// Trends lists the signals that rules follow now, in the order of the rules.
func (c *Client) Trends(ctx context.Context, of episode.JobRef) (TrendList, error) {
	return get[TrendList](ctx, c, "trends", params("cluster", of.Cluster, "job", of.Job))
}
