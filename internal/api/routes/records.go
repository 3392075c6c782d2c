package routes

import (
	"net/http"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// takes reports whether a record is asked for.
func takes(q api.RecordQuery, r episode.ProbeRecord) bool {
	if q.Seed != "" && r.Seed != q.Seed {
		return false
	}
	if !q.From.IsZero() && r.Intended.Before(q.From) || !q.To.IsZero() && !r.Intended.Before(q.To) {
		return false
	}
	if q.Sink == "" && q.Outcome == "" {
		return true
	}
	return slices.ContainsFunc(r.Sinks, func(at episode.AtSink) bool {
		return (q.Sink == "" || at.Sink == q.Sink) && (q.Outcome == "" || at.Outcome == q.Outcome)
	})
}

func (h *Handler) records(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	only := api.RecordQuery{
		Sink: q.text("sink"), Outcome: episode.RecordOutcome(q.word("outcome", outcomes()...)),
		Seed: q.text("seed"), Before: q.text("before"), From: q.time("from"), To: q.time("to"), Limit: q.limit(),
	}
	if q.err != nil {
		return nil, q.err
	}
	list := api.RecordList{Records: []episode.ProbeRecord{}}
	err := h.sources.Records.Each(only.Before, func(r episode.ProbeRecord) bool {
		if takes(only, r) {
			list.Records = append(list.Records, r)
		}
		if len(list.Records) == only.Limit {
			list.Next = r.Seed
		}
		return list.Next == "" && (only.Seed == "" || len(list.Records) == 0) // one record has the seed
	})
	return list, err
}

func outcomes() (words []string) {
	for _, o := range episode.RecordOutcomes() {
		words = append(words, string(o))
	}
	return words
}
