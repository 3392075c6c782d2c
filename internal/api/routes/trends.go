package routes

import (
	"math"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func (h *Handler) scorecard(http.ResponseWriter, *http.Request) (any, error) {
	if h.sources.Rules == nil {
		return api.ScorecardOf(nil), nil
	}
	return api.ScorecardOf(h.sources.Rules.Scores()), nil
}

func (h *Handler) trends(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, limit := q.job(), math.MaxInt
	if q.text("limit") != "" {
		limit = q.limit()
	}
	list := api.TrendList{Trends: []api.Trend{}}
	for _, t := range completeStatus(h.sources.Status()).Trends {
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
