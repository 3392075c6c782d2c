package routes

import (
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func (h *Handler) hops(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	only := api.HopQuery{
		Of: q.job(), Hop: q.text("hop"), Kind: q.word("kind", episode.KindWindow, episode.KindRound),
		Before: q.id("before"), From: q.time("from"), To: q.time("to"), Limit: q.limit(),
	}
	if q.err != nil {
		return nil, q.err
	}
	list := api.HopList{Hops: []api.HopEntry{}}
	of := api.MeasurementQuery{Of: only.Of, Before: only.Before, From: only.From, To: only.To}
	var err error
	list.Next, err = h.eachMeasurement(of, max(only.Limit, defaultLimit), func(m episode.Measurement) bool {
		list.Hops = append(list.Hops, hopsOf(only, m)...)
		return len(list.Hops) < only.Limit
	})
	return list, err
}

func hopsOf(q api.HopQuery, m episode.Measurement) (found []api.HopEntry) {
	if q.Kind != "" && m.Kind != q.Kind {
		return nil
	}
	for _, hop := range m.Hops {
		if q.Hop == "" || hop.Name == q.Hop {
			found = append(found, api.HopEntry{
				Measurement: m.ID, Kind: m.Kind, Began: m.Began, Ended: m.Ended, Cluster: m.Cluster, Job: m.Job, Hop: hop,
			})
		}
	}
	return found
}
