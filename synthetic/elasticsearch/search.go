package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"
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
