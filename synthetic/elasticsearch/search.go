package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// seedsPerSearch bounds one search; more seeds take several. Each seed is a
// clause per field, and servers accept 1024 clauses.
const seedsPerSearch = 250

// document is a document of ours in the index, in the version that was seen.
type document struct {
	seed    string
	held    []string       // all texts in the seed fields
	Index   string         `json:"_index"`
	ID      string         `json:"_id"`
	Routing string         `json:"_routing"`
	SeqNo   *int64         `json:"_seq_no"`
	Term    *int64         `json:"_primary_term"`
	Source  map[string]any `json:"_source"`
	// Fields are values as the mapping reads them. They include what the source
	// lacks: aliases of fields, and fields copied from others.
	Fields map[string][]any `json:"fields"`
	// Matched are the seeds whose clause of the query found the document.
	Matched []string `json:"matched_queries"`
}

// place identifies the document within the sink.
func (d *document) place() string { return d.Index + "/" + d.ID }

// search returns the documents whose seed field holds one of the seeds. Shards
// that can't answer make it fail: a partial answer would look like absence.
func (c *client) search(ctx context.Context, fields SinkConfig, seeds []string) ([]document, error) {
	withSource := !c.noSource.Load()
	found, err := c.searchOnce(ctx, fields, seeds, withSource)
	if err != nil && withSource && strings.Contains(err.Error(), "_source is disabled") {
		c.noSource.Store(true) // such an index refuses to return a part of its source
		return c.searchOnce(ctx, fields, seeds, false)
	}
	return found, err
}

func (c *client) searchOnce(
	ctx context.Context, fields SinkConfig, seeds []string, withSource bool,
) ([]document, error) {
	query := map[string]any{
		"size":                min(2*len(seeds)+10, 2*seedsPerSearch),
		"query":               seedQuery(fields.seedFields(), seeds),
		"_source":             false,
		"seq_no_primary_term": true,
		"track_total_hits":    false,
	}
	if withSource {
		query["_source"], query["fields"] = fields.readFields(), fields.readFields()
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
	return ours(answer.Hits.Hits, fields.seedFields(), seeds), nil
}

// seedQuery finds documents with one of the seeds in one of the fields. The
// filter decides. The named clauses only say which seed a document holds, for
// documents whose source does not.
func seedQuery(fields, seeds []string) map[string]any {
	var anyField, named []any
	for _, field := range fields {
		anyField = append(anyField, map[string]any{"terms": map[string]any{field: seeds}})
	}
	for _, seed := range seeds {
		var terms []any
		for _, field := range fields {
			terms = append(terms, map[string]any{"term": map[string]any{field: seed}})
		}
		// A name belongs to one clause: of two with the same name one is ignored.
		named = append(named, map[string]any{"bool": map[string]any{"should": terms, "_name": seed}})
	}
	query := map[string]any{
		"filter": map[string]any{"bool": map[string]any{"should": anyField, "minimum_should_match": 1}},
	}
	if len(named) > 0 {
		query["should"], query["minimum_should_match"] = named, 0
	}
	return map[string]any{"bool": query}
}

// ours keeps the documents that hold one of the seeds. Their source says so, or
// their fields, or, if neither has the seed field, the clause that found them.
// Anything else that a search returns is left alone.
func ours(found []document, fields, seeds []string) []document {
	asked := map[string]bool{}
	for _, seed := range seeds {
		asked[seed] = true
	}
	var kept []document
	for _, doc := range found {
		doc.held = doc.texts(fields)
		for _, text := range slices.Compact(slices.Sorted(slices.Values(doc.held))) {
			if asked[text] {
				doc.seed = text
				kept = append(kept, doc)
			}
		}
	}
	return kept
}

// texts returns the texts that the document holds in the seed fields.
func (d *document) texts(fields []string) []string {
	var texts []string
	present := false
	for _, field := range fields {
		for _, value := range d.values(field) {
			present = true
			if text, isText := value.(string); isText {
				texts = append(texts, text)
			}
		}
	}
	if !present {
		return d.Matched
	}
	return texts
}

// values returns what the document holds in a field; a list is unfolded.
func (d *document) values(field string) []any {
	value, found := lookUp(d.Source, field)
	if !found {
		return d.Fields[field]
	}
	if list, isList := value.([]any); isList {
		return list
	}
	return []any{value}
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
