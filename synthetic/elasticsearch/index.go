package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// seedsPerSearch bounds one search; more seeds take several.
const seedsPerSearch = 500

// document is a document of ours in the index, in the version that was seen.
type document struct {
	seed    string
	Index   string         `json:"_index"`
	ID      string         `json:"_id"`
	Routing string         `json:"_routing"`
	SeqNo   *int64         `json:"_seq_no"`
	Term    *int64         `json:"_primary_term"`
	Source  map[string]any `json:"_source"`
}

// place identifies the document within the sink.
func (d *document) place() string { return d.Index + "/" + d.ID }

// search returns the documents whose seed field holds one of the seeds. Shards
// that can't answer make it fail: a partial answer would look like absence.
func (c *client) search(ctx context.Context, fields SinkConfig, seeds []string) ([]document, error) {
	query := map[string]any{
		"size":                min(2*len(seeds)+10, 2*seedsPerSearch),
		"query":               map[string]any{"bool": map[string]any{"filter": map[string]any{"terms": map[string]any{fields.SeedField: seeds}}}},
		"_source":             sourceFields(fields),
		"seq_no_primary_term": true,
		"track_total_hits":    false,
	}
	body, err := json.Marshal(query)
	if err != nil {
		return nil, err
	}
	no := false
	var answer struct {
		Hits struct{ Hits []document }
	}
	err = c.do(ctx, esapi.SearchRequest{
		Index: []string{c.index}, Body: bytes.NewReader(body),
		AllowPartialSearchResults: &no, AllowNoIndices: &no, IgnoreUnavailable: &no,
	}, &answer)
	if err != nil {
		return nil, err
	}
	return ours(answer.Hits.Hits, fields.SeedField, seeds), nil
}

// ours keeps the documents whose seed field, as it stands in the source, is one
// of the seeds: what a search matched by other means is none of our business.
func ours(found []document, field string, seeds []string) []document {
	asked := map[string]bool{}
	for _, seed := range seeds {
		asked[seed] = true
	}
	var kept []document
	for _, doc := range found {
		value, ok := lookUp(doc.Source, field)
		if !ok { // a multi-field such as seed.keyword has no source of its own
			if parent, _, nested := cutLast(field, "."); nested {
				value, _ = lookUp(doc.Source, parent)
			}
		}
		if seed, isText := value.(string); isText && asked[seed] {
			doc.seed = seed
			kept = append(kept, doc)
		}
	}
	return kept
}

func sourceFields(fields SinkConfig) []string {
	names := []string{fields.SeedField}
	if parent, _, nested := cutLast(fields.SeedField, "."); nested {
		names = append(names, parent)
	}
	for _, name := range []string{fields.IngestedField, fields.IndexedField} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// check asks whether the index can be searched for seeds.
func (c *client) check(ctx context.Context, fields SinkConfig) error {
	if _, err := c.search(ctx, fields, []string{}); err != nil {
		return err
	}
	var caps struct {
		Fields map[string]map[string]struct{ Searchable bool }
	}
	err := c.do(ctx, esapi.FieldCapsRequest{Index: []string{c.index}, Fields: []string{fields.SeedField}}, &caps)
	// A server that denies this API, or does not have it, can still be searched.
	if _, isText := caps.Fields[fields.SeedField]["text"]; err == nil && isText {
		return synthetic.Explain(nil, errNotKeyword, "elasticsearch: field %q of index %q is mapped as text, where a seed is never found whole (map it as keyword, or set sinks[name=%s].elasticsearch.seed_field to its keyword field)",
			fields.SeedField, c.index, c.sink)
	}
	return nil
}

// RefreshInterval returns how often the index makes documents visible. explicit
// is false when the index leaves it to the default of one second, which
// Elasticsearch suspends for indices that nobody searches for 30 s.
func (c *client) refreshInterval(ctx context.Context) (every time.Duration, explicit bool, err error) {
	yes := true
	var answer map[string]struct{ Settings map[string]any }
	err = c.do(ctx, esapi.IndicesGetSettingsRequest{
		Index: []string{c.index}, Name: []string{"index.refresh_interval"}, FlatSettings: &yes,
	}, &answer)
	if err != nil {
		return 0, false, err
	}
	// Behind an alias or a data stream the newest index is the last by name.
	newest := ""
	for name := range answer {
		newest = max(newest, name)
	}
	text, explicit := answer[newest].Settings["index.refresh_interval"].(string)
	if !explicit {
		return time.Second, false, nil
	}
	every, err = parseTimeValue(text)
	return every, true, err
}

// parseTimeValue reads a duration as Elasticsearch writes it, "30s" or "500ms".
// "-1" is an error: documents become visible when somebody says so.
func parseTimeValue(text string) (time.Duration, error) {
	for _, unit := range []struct {
		suffix string
		worth  time.Duration
	}{
		{"nanos", time.Nanosecond},
		{"micros", time.Microsecond},
		{"ms", time.Millisecond},
		{"s", time.Second},
		{"m", time.Minute},
		{"h", time.Hour},
		{"d", 24 * time.Hour},
	} {
		number, ok := strings.CutSuffix(text, unit.suffix)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(number, 64)
		if err != nil || n < 0 {
			break
		}
		return time.Duration(n * float64(unit.worth)), nil
	}
	return 0, fmt.Errorf("elasticsearch: refresh_interval %q is no interval", text)
}

// remove deletes documents, each only in the version that was seen: one that
// the job has written anew since is left alone. It returns those that are to be
// tried again.
func (c *client) remove(ctx context.Context, docs []document) (again []document, err error) {
	var body bytes.Buffer
	enc := json.NewEncoder(&body)
	for _, doc := range docs {
		target := map[string]any{"_index": doc.Index, "_id": doc.ID}
		if doc.Routing != "" {
			target["routing"] = doc.Routing
		}
		if doc.SeqNo != nil && doc.Term != nil {
			target["if_seq_no"], target["if_primary_term"] = *doc.SeqNo, *doc.Term
		}
		if err := enc.Encode(map[string]any{"delete": target}); err != nil {
			return docs, err
		}
	}
	var answer struct {
		Items []struct {
			Delete struct {
				Status int
				Error  json.RawMessage
			}
		}
	}
	if err := c.do(ctx, esapi.BulkRequest{Body: io.Reader(&body)}, &answer); err != nil {
		return docs, err
	}
	if len(answer.Items) != len(docs) {
		return docs, fmt.Errorf("elasticsearch: %d documents to delete, but %d answers (it is tried again)", len(docs), len(answer.Items))
	}
	for i, item := range answer.Items {
		switch item.Delete.Status {
		case http.StatusOK, http.StatusNotFound, http.StatusConflict:
			// Gone, or written anew: then the next look finds it again.
		case http.StatusForbidden:
			again, err = append(again, docs[i]), c.notAllowedToDelete()
		default:
			again = append(again, docs[i])
		}
	}
	return again, err
}

func (c *client) notAllowedToDelete() error {
	return synthetic.Explain(nil, synthetic.ErrNoRight, "elasticsearch: not authorised to delete from %q (grant the index privilege delete, or set sinks[name=%s].elasticsearch.cleanup to keep)", c.index, c.sink)
}

// lookUp finds a field in a document's source, which may nest what a dotted
// name flattens.
func lookUp(source map[string]any, field string) (any, bool) {
	if value, ok := source[field]; ok {
		return value, true
	}
	head, rest, nested := strings.Cut(field, ".")
	inner, ok := source[head].(map[string]any)
	if !nested || !ok {
		return nil, false
	}
	return lookUp(inner, rest)
}

// cutLast cuts s around the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// parseStamp reads a time as the job or an ingest pipeline writes it: epoch
// milliseconds, as number or text, or ISO 8601.
func parseStamp(value any) (time.Time, bool) {
	var text string
	switch v := value.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	default:
		return time.Time{}, false
	}
	if ms, err := strconv.ParseFloat(text, 64); err == nil {
		return time.UnixMilli(int64(ms)), true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
