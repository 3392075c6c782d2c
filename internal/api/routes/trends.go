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

func (h *Handler) samples(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	since, after := q.time("from"), q.text("after")
	if q.err != nil || h.sources.Samples == nil {
		return api.SampleList{Pages: [][]byte{}}, q.err
	}
	pages, next, err := h.sources.Samples.AllPages(since, after)
	return api.SampleList{Pages: api.NotNil(pages), Next: next}, err
}

func (h *Handler) trends(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, limit := q.job(), math.MaxInt
	if q.text("limit") != "" {
		limit = q.limit()
	}
	status := completeStatus(h.sources.Status())
	list := api.TrendList{Trends: []api.Trend{}, Unwatched: []api.Unwatched{}}
	for _, u := range status.Unwatched {
		if of.Cluster == "" || of.Cluster == u.Cluster {
			list.Unwatched = append(list.Unwatched, u)
		}
	}
	for _, t := range status.Trends {
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
