package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// seedsPerSearch bounds one search. Each seed is a clause per field, and servers accept
// 1024 clauses.
const seedsPerSearch = 250

// document is a found document of the probe, in its version at that time.
type document struct {
	seed    string
	held    []string       // all texts in the seed fields
	Index   string         `json:"_index"`
	ID      string         `json:"_id"`
	Routing string         `json:"_routing"`
	SeqNo   *int64         `json:"_seq_no"`
	Term    *int64         `json:"_primary_term"`
	Source  map[string]any `json:"_source"`
	// Fields are the values according to the mapping. They include values that the
	// source lacks: aliases of fields, and fields copied from others.
	Fields map[string][]any `json:"fields"`
	// Matched are the seeds whose clause of the query matched the document.
	Matched []string `json:"matched_queries"`
}

// place identifies the document within the sink.
func (d *document) place() string { return d.Index + "/" + d.ID }

// search returns the documents whose seed field holds one of the seeds. It fails if a
// shard can't answer, because a missing shard would look like a missing document.
//
// The query is as short as the index allows. An index without a source refuses to
// return a part of it. Named clauses are used only if documents do not show their seed.
func (c *client) search(ctx context.Context, fields SinkConfig, seeds []string) ([]document, error) {
	found, err := c.searchOnce(ctx, fields, seeds)
	if err != nil && strings.Contains(err.Error(), "_source is disabled") && !c.noSource.Swap(true) {
		found, err = c.searchOnce(ctx, fields, seeds)
	}
	if err != nil {
		return nil, err
	}
	hidden := slices.ContainsFunc(found, func(d document) bool { return len(d.shown(fields.seedFields())) == 0 })
	if hidden && !c.named.Swap(true) {
		if found, err = c.searchOnce(ctx, fields, seeds); err != nil {
			return nil, err
		}
	}
	return ours(found, fields.seedFields(), seeds), nil
}

func (c *client) searchOnce(ctx context.Context, fields SinkConfig, seeds []string) ([]document, error) {
	query := map[string]any{
		"size":                min(2*len(seeds)+10, 2*seedsPerSearch),
		"query":               seedQuery(fields.seedFields(), seeds, c.named.Load()),
		"_source":             false,
		"seq_no_primary_term": true,
		"track_total_hits":    false,
	}
	if !c.noSource.Load() {
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
	return answer.Hits.Hits, err
}

// seedQuery finds documents with one of the seeds in one of the fields. The filter
// selects them. Named clauses only report which seed a document holds.
func seedQuery(fields, seeds []string, named bool) map[string]any {
	var anyField []any
	for _, field := range fields {
		anyField = append(anyField, map[string]any{"terms": map[string]any{field: seeds}})
	}
	query := map[string]any{
		"filter": map[string]any{"bool": map[string]any{"should": anyField, "minimum_should_match": 1}},
	}
	if named && len(seeds) > 0 {
		query["should"], query["minimum_should_match"] = namedClauses(fields, seeds), 0
	}
	return map[string]any{"bool": query}
}

// namedClauses returns one clause per seed. Each needs a different name, because of two
// clauses with the same name one is ignored.
func namedClauses(fields, seeds []string) []any {
	clauses := make([]any, len(seeds))
	for i, seed := range seeds {
		var terms []any
		for _, field := range fields {
			terms = append(terms, map[string]any{"term": map[string]any{field: seed}})
		}
		clauses[i] = map[string]any{"bool": map[string]any{"should": terms, "_name": seed}}
	}
	return clauses
}

// ours keeps the documents that hold one of the seeds: in their source, in their
// fields, or, if neither has the seed field, according to the clause that matched. All
// other results are ignored.
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
	shown := d.shown(fields)
	if len(shown) == 0 {
		return d.Matched
	}
	var texts []string
	for _, value := range shown {
		if text, isText := value.(string); isText {
			texts = append(texts, text)
		}
	}
	return texts
}

// shown returns the values of the seed fields that the document shows.
func (d *document) shown(fields []string) []any {
	var all []any
	for _, field := range fields {
		all = append(all, d.values(field)...)
	}
	return all
}

// values returns the values of a field of the document. A list is flattened.
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

// lookUp finds a field in a document's source. The source may have nested objects for a
// dotted name.
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
