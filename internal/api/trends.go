package api

import (
	"context"
	"math"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TrendList is the answer of GET /api/v1/trends.
type TrendList struct {
	Trends []Trend `json:"trends"`
	// LeftOut is how many more there are than the limit lets through.
	LeftOut int `json:"left_out,omitempty"`
}

func (h *Handler) trends(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, limit := q.job(), math.MaxInt
	if q.text("limit") != "" {
		limit = q.limit()
	}
	list := TrendList{Trends: []Trend{}}
	for _, t := range h.sources.Status().complete().Trends {
		switch {
		case !of.Takes(episode.JobRef{Cluster: t.Cluster, Job: t.Job}):
		case len(list.Trends) == limit:
			list.LeftOut++
		default:
			list.Trends = append(list.Trends, t)
		}
	}
	return list, q.err
}

// Trends lists the signals that rules follow now, in the order of the rules: up to limit or, for 0,
// all of them.
func (c *Client) Trends(ctx context.Context, of episode.JobRef, limit int) (TrendList, error) {
	return get[TrendList](ctx, c, "trends", params("cluster", of.Cluster, "job", of.Job, "limit", number(limit)))
}
