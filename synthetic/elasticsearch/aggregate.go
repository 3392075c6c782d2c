package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

const (
	// seedsPerPage is the number of seeds in one page of [Tally.Each]. Servers allow 65,536
	// buckets in one answer.
	seedsPerPage = 5000
	// leastPerPage is the size that a page shrinks to on a server that is short of memory.
	leastPerPage = 500
	// pageTries is how often a page is requested while the server cannot answer. With the
	// pauses from firstPause to longestPause this lasts about half a minute.
	pageTries    = 9
	firstPause   = 250 * time.Millisecond
	longestPause = 8 * time.Second
)

// Found is what an index holds of one record.
type Found struct {
	Seed string
	// Documents is how many documents have the seed: above 1 are duplicates.
	Documents int64
	// Ingested and Indexed are the earliest stamps; zero if there is none.
	Ingested, Indexed time.Time
}

// Each calls found for every seed with the prefix that is visible, in the order of the
// texts of the seeds. A server that cannot answer now is asked again for half a minute, in
// smaller pages: the measurement is over, and only its results are missing.
func (t *Tally) Each(ctx context.Context, prefix string, found func(Found)) error {
	size := seedsPerPage
	var after json.RawMessage
	for {
		page, err := t.patientPage(ctx, prefix, after, &size)
		if err != nil && !errors.Is(err, errNoAnswer) && t.unstamped == nil && t.fields.IngestedField+t.fields.IndexedField != "" {
			// A stamp may be mapped as text, which can't be aggregated. The count matters more.
			t.unstamped = err
			page, err = t.patientPage(ctx, prefix, after, &size)
		}
		if err != nil {
			return err
		}
		for _, b := range page.Buckets {
			found(Found{
				Seed: b.Key.Seed, Documents: b.Count, Ingested: b.Ingested.time(), Indexed: b.Indexed.time(),
			})
		}
		if len(page.Buckets) < size || page.After == nil {
			return nil
		}
		after = page.After
	}
}

// patientPage requests a page until the server answers, and halves size before each retry.
func (t *Tally) patientPage(ctx context.Context, prefix string, after json.RawMessage, size *int) (seedPage, error) {
	pauses := wait.Backoff(firstPause, longestPause)
	for try := 1; ; try++ {
		page, err := t.page(ctx, prefix, after, *size)
		if !errors.Is(err, errNoAnswer) || try == pageTries {
			return page, err
		}
		if wait.For(ctx, pauses.NextBackOff()) != nil {
			return page, err
		}
		*size = max(leastPerPage, *size/2)
	}
}

// seedPage is one page of a composite aggregation.
type seedPage struct {
	After   json.RawMessage `json:"after_key"`
	Buckets []struct {
		Key               struct{ Seed string }
		Count             int64 `json:"doc_count"`
		Ingested, Indexed stampValue
	}
}

// stampValue is the least of the stamps in a bucket, in milliseconds since 1970.
type stampValue struct{ Value *float64 }

func (s stampValue) time() time.Time {
	if s.Value == nil {
		return time.Time{}
	}
	at, _ := sinceEpoch(strconv.FormatFloat(*s.Value, 'f', -1, 64), *s.Value)
	return at
}

func (t *Tally) page(ctx context.Context, prefix string, after json.RawMessage, size int) (seedPage, error) {
	composite := map[string]any{
		"size":    size,
		"sources": []any{map[string]any{"seed": map[string]any{"terms": map[string]any{"field": t.seedField}}}},
	}
	if after != nil {
		composite["after"] = after
	}
	least := map[string]any{}
	for name, field := range map[string]string{"ingested": t.fields.IngestedField, "indexed": t.fields.IndexedField} {
		if field != "" && t.unstamped == nil {
			least[name] = map[string]any{"min": map[string]any{"field": field}}
		}
	}
	var answer struct {
		Aggregations struct{ Seeds seedPage }
	}
	err := t.search(ctx, map[string]any{
		"size": 0, "track_total_hits": false, "query": t.withPrefix(prefix),
		"aggs": map[string]any{"seeds": map[string]any{"composite": composite, "aggs": least}},
	}, &answer)
	return answer.Aggregations.Seeds, err
}

// Latency summarizes the times between two stamps in seconds, as Elasticsearch computes
// them. Percentiles are approximate in large sets.
type Latency struct {
	Count                         int64
	Min, Mean, P50, P90, P99, Max float64
}

// latencyScript is the time between two stamps of a document in milliseconds. Stamps are
// dates or numbers of milliseconds.
const latencyScript = `def at(def v) { ` +
	`return v instanceof Number ? ((Number) v).longValue() : v.toInstant().toEpochMilli() } ` +
	`if (doc[params.from].size() == 0 || doc[params.to].size() == 0) { return null } ` +
	`return at(doc[params.to].value) - at(doc[params.from].value)`

// Latency aggregates the time from the stamp of ingestion to the stamp of indexing. ok is
// false if the sink has no such fields, or no document has both.
func (t *Tally) Latency(ctx context.Context, prefix string) (l Latency, ok bool, err error) {
	if t.fields.IngestedField == "" || t.fields.IndexedField == "" || t.unstamped != nil {
		return l, false, nil
	}
	script := map[string]any{"script": map[string]any{
		"source": latencyScript, "params": map[string]any{"from": t.fields.IngestedField, "to": t.fields.IndexedField},
	}}
	percentiles := map[string]any{"script": script["script"], "percents": []float64{50, 90, 99}, "keyed": true}
	var answer struct {
		Aggregations struct {
			Latency struct {
				Count         int64
				Min, Max, Avg float64
			}
			Percentiles struct{ Values map[string]*float64 }
		}
	}
	err = t.search(ctx, map[string]any{
		"size": 0, "track_total_hits": false, "query": t.withPrefix(prefix),
		"aggs": map[string]any{
			"latency": map[string]any{"stats": script}, "percentiles": map[string]any{"percentiles": percentiles},
		},
	}, &answer)
	stats := answer.Aggregations.Latency
	if err != nil || stats.Count == 0 {
		return l, false, err
	}
	l = Latency{Count: stats.Count, Min: stats.Min / 1e3, Mean: stats.Avg / 1e3, Max: stats.Max / 1e3}
	for name, into := range map[string]*float64{"50.0": &l.P50, "90.0": &l.P90, "99.0": &l.P99} {
		if v := answer.Aggregations.Percentiles.Values[name]; v != nil {
			*into = *v / 1e3
		}
	}
	return l, true, nil
}
