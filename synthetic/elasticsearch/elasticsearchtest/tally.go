package elasticsearchtest

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"sort"
	"strings"
	"time"
)

// tallyRequest is the part of the searches of a scale test.
type tallyRequest struct {
	Size        int
	SearchAfter []string `json:"search_after"`
	Query       struct {
		Prefix map[string]struct{ Value string }
	}
	Aggs struct {
		Seeds *struct {
			Composite struct {
				Size  int
				After struct{ Seed string }
			}
			Aggs map[string]struct{ Min struct{ Field string } }
		}
		Latency *struct {
			Stats struct {
				Script struct{ Params struct{ From, To string } }
			}
		}
	}
}

// tally answers the searches of a scale test; false for any other search.
func (f *Server) tally(w http.ResponseWriter, body []byte) bool {
	var request tallyRequest
	if json.Unmarshal(body, &request) != nil || len(request.Query.Prefix) == 0 {
		return false
	}
	docs := f.withPrefix(request)
	aggregations := map[string]any{}
	if seeds := request.Aggs.Seeds; seeds != nil {
		fields := map[string]string{}
		for name, least := range seeds.Aggs {
			fields[name] = least.Min.Field
		}
		aggregations["seeds"] = buckets(docs, seeds.Composite.After.Seed, seeds.Composite.Size, fields)
	}
	if latency := request.Aggs.Latency; latency != nil {
		addLatency(aggregations, docs, latency.Stats.Script.Params.From, latency.Stats.Script.Params.To)
	}
	hits := []map[string]any{}
	if request.Size > 0 {
		hits = f.sorted(docs, request.Size, request.SearchAfter)
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"took": 1, "timed_out": false, "_shards": map[string]int{"total": 1, "successful": 1, "failed": 0},
		"hits":         map[string]any{"total": map[string]any{"value": len(docs), "relation": "eq"}, "hits": hits},
		"aggregations": aggregations,
	})
	return true
}

// withPrefix returns the visible documents that a prefix query matches.
func (f *Server) withPrefix(request tallyRequest) []*document {
	var docs []*document
	now := time.Now()
	for field, prefix := range request.Query.Prefix {
		for _, doc := range f.rounds[prefix.Value] {
			if !now.Before(doc.visible) && len(f.indexed(doc, field)) > 0 && f.docs[doc.id] == doc {
				docs = append(docs, doc)
			}
		}
	}
	return docs
}

// roundOf is a seed without the index of its record: the prefix of all seeds of a round.
func roundOf(source map[string]any) string {
	seed, _ := source["seed"].(string)
	return seed[:strings.LastIndex(seed, "-")+1]
}

// buckets is one page of a composite aggregation over the seeds.
func buckets(docs []*document, after string, size int, least map[string]string) map[string]any {
	bySeed := map[string][]*document{}
	for _, doc := range docs {
		if seed, _ := doc.source["seed"].(string); seed > after {
			bySeed[seed] = append(bySeed[seed], doc)
		}
	}
	page := []any{}
	last := ""
	for _, seed := range slices.Sorted(maps.Keys(bySeed)) {
		if len(page) == size {
			break
		}
		bucket := map[string]any{"key": map[string]string{"seed": seed}, "doc_count": len(bySeed[seed])}
		for name, field := range least {
			bucket[name] = map[string]any{"value": smallest(bySeed[seed], field)}
		}
		page, last = append(page, bucket), seed
	}
	answer := map[string]any{"buckets": page}
	if last != "" {
		answer["after_key"] = map[string]string{"seed": last}
	}
	return answer
}

func smallest(docs []*document, field string) any {
	var least any
	for _, doc := range docs {
		if at, ok := doc.source[field].(int64); ok && (least == nil || float64(at) < least.(float64)) {
			least = float64(at)
		}
	}
	return least
}

// addLatency answers the aggregations over a script that subtracts two stamps.
func addLatency(into map[string]any, docs []*document, from, to string) {
	var took []float64
	sum := 0.0
	for _, doc := range docs {
		a, okA := doc.source[from].(int64)
		b, okB := doc.source[to].(int64)
		if okA && okB {
			took = append(took, float64(b-a))
			sum += float64(b - a)
		}
	}
	if len(took) == 0 {
		into["latency"] = map[string]any{"count": 0, "min": nil, "max": nil, "avg": nil, "sum": 0}
		into["percentiles"] = map[string]any{"values": map[string]any{"50.0": nil, "90.0": nil, "99.0": nil}}
		return
	}
	sort.Float64s(took)
	at := func(p int) float64 { return took[min(len(took)-1, len(took)*p/100)] }
	into["latency"] = map[string]any{
		"count": len(took), "min": took[0], "max": took[len(took)-1], "avg": sum / float64(len(took)), "sum": sum,
	}
	into["percentiles"] = map[string]any{"values": map[string]any{"50.0": at(50), "90.0": at(90), "99.0": at(99)}}
}

// sorted returns the hits of a search in the order of the seeds, after a seed.
func (f *Server) sorted(docs []*document, size int, after []string) []map[string]any {
	seedOf := func(doc *document) string { seed, _ := doc.source["seed"].(string); return seed }
	slices.SortStableFunc(docs, func(a, b *document) int { return strings.Compare(seedOf(a), seedOf(b)) })
	hits := []map[string]any{}
	for _, doc := range docs {
		if len(hits) == size {
			break
		}
		if len(after) == 0 || seedOf(doc) > after[0] {
			hits = append(hits, map[string]any{
				"_index": doc.index, "_id": doc.id, "_seq_no": doc.seqNo, "_primary_term": 1, "sort": []string{seedOf(doc)},
			})
		}
	}
	return hits
}
