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
	// Unwatched are the rules that judge nothing on a cluster, and so can't fire there. Those of
	// another cluster than the one asked for are left out.
	Unwatched []Unwatched `json:"unwatched"`
}

// Unwatched is a rule that judges no signal on a cluster.
type Unwatched struct {
	Rule    string `json:"rule"`
	Cluster string `json:"cluster"`
	Signal  string `json:"signal"`
	// Series counts the signals that the rule follows and can't judge yet.
	Series int `json:"series"`
	// State is unseen: the signal has no sample; unmatched: it has, but not of what the rule is about;
	// or waiting: there are too few samples. Why says more, in words.
	State string `json:"state"`
	Why   string `json:"why"`
}

func (h *Handler) trends(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, limit := q.job(), math.MaxInt
	if q.text("limit") != "" {
		limit = q.limit()
	}
	status := h.sources.Status().complete()
	list := TrendList{Trends: []Trend{}, Unwatched: []Unwatched{}}
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

// Trends lists the signals that rules follow now, in the order of the rules: up to limit or, for 0,
// all of them.
func (c *Client) Trends(ctx context.Context, of episode.JobRef, limit int) (TrendList, error) {
	return get[TrendList](ctx, c, "trends", params("cluster", of.Cluster, "job", of.Job, "limit", number(limit)))
}
