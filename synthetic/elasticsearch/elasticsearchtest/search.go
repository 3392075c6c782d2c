package elasticsearchtest

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

// searchRequest is the part of a search that the probe uses.
type searchRequest struct {
	Size  int
	Query struct {
		Bool struct {
			Filter struct {
				Bool struct{ Should []clause }
			}
			Should []clause
		}
	}
	Fields []string
	Source any `json:"_source"`
}

// clause is a terms clause, or a named bool clause of term clauses.
type clause struct {
	Terms map[string][]string
	Bool  struct {
		Should []struct{ Term map[string]string }
		Name   string `json:"_name"`
	}
}

type hit struct {
	Index   string           `json:"_index"`
	ID      string           `json:"_id"`
	SeqNo   int64            `json:"_seq_no"`
	Term    int64            `json:"_primary_term"`
	Score   float64          `json:"_score"`
	Source  map[string]any   `json:"_source,omitempty"`
	Fields  map[string][]any `json:"fields,omitempty"`
	Matched []string         `json:"matched_queries,omitempty"`
}

func (f *Server) search(w http.ResponseWriter, r *http.Request) {
	f.searches++
	var request searchRequest
	body, err := io.ReadAll(r.Body)
	if err == nil && f.tally(w, body) {
		return
	}
	if err := json.Unmarshal(body, &request); err != nil {
		Error(w, http.StatusBadRequest, "parsing_exception", err.Error())
		return
	}
	for name, m := range f.Indices {
		if m.NoSource && request.Source != false {
			Error(
				w, http.StatusBadRequest, "search_phase_execution_exception",
				"unable to fetch fields from _source field: _source is disabled in the mappings for index ["+name+"]",
			)
			return
		}
	}
	hits := []hit{}
	for _, doc := range f.docs {
		if !time.Now().Before(doc.visible) && len(hits) < request.Size && f.matches(
			doc, request.Query.Bool.Filter.Bool.Should,
		) {
			hits = append(hits, f.hit(doc, request))
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"took": 1, "timed_out": false, "_shards": map[string]int{
			"total": 1, "successful": 1, "skipped": 0, "failed": 0,
		},
		"hits": map[string]any{"max_score": nil, "hits": hits},
	})
}

func (f *Server) matches(doc *document, anyOf []clause) bool {
	return slices.ContainsFunc(anyOf, func(c clause) bool {
		for field, values := range c.Terms {
			if slices.ContainsFunc(f.indexed(doc, field), func(held string) bool {
				return slices.Contains(values, held)
			}) {
				return true
			}
		}
		return false
	})
}

// indexed returns the whole values that a field of the index holds. A text field holds
// only words, so it has none.
func (f *Server) indexed(doc *document, field string) []string {
	m := f.Indices[doc.index]
	parent, below := strings.CutSuffix(field, ".keyword")
	if below && !m.Keyword || !below && m.Type != "keyword" {
		return nil
	}
	return slices.DeleteFunc(values(doc.source[parent]), func(value string) bool {
		return m.IgnoreAbove > 0 && len(value) > m.IgnoreAbove
	})
}

// values returns the texts of a value or of a list of values.
func values(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case []string:
		return slices.Clone(v)
	}
	return nil
}

func (f *Server) hit(doc *document, request searchRequest) hit {
	m := f.Indices[doc.index]
	found := hit{Index: doc.index, ID: doc.id, SeqNo: doc.seqNo, Term: 1, Source: doc.source}
	if m.SourceExcludes || m.NoSource {
		found.Source = nil
	}
	for _, c := range request.Query.Bool.Should {
		for _, choice := range c.Bool.Should {
			for field, value := range choice.Term {
				if slices.Contains(f.indexed(doc, field), value) && !slices.Contains(found.Matched, c.Bool.Name) {
					found.Matched = append(found.Matched, c.Bool.Name)
				}
			}
		}
	}
	return found
}

// fieldCaps answers for the field seed, and for seed.keyword if it is mapped.
func (f *Server) fieldCaps(w http.ResponseWriter) {
	type capability struct {
		Type       string   `json:"type"`
		Searchable bool     `json:"searchable"`
		Indices    []string `json:"indices,omitempty"`
	}
	types, keyword := map[string]capability{}, false
	for name, m := range f.Indices {
		if m.Type != "" {
			entry := types[m.Type]
			types[m.Type] = capability{m.Type, true, append(entry.Indices, name)}
		}
		keyword = keyword || m.Keyword
	}
	if len(types) == 1 { // no conflict: the answer names no indices
		for name := range types {
			types[name] = capability{Type: name, Searchable: true}
		}
	}
	fields := map[string]any{}
	if len(types) > 0 {
		fields["seed"] = types
	}
	if keyword {
		fields["seed.keyword"] = map[string]capability{"keyword": {Type: "keyword", Searchable: true}}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"indices": []string{}, "fields": fields})
}

// fieldMapping answers for the field seed.
func (f *Server) fieldMapping(w http.ResponseWriter) {
	answer := map[string]any{}
	for name, m := range f.Indices {
		leaf := map[string]any{"type": m.Type}
		if m.IgnoreAbove > 0 {
			leaf["ignore_above"] = m.IgnoreAbove
		}
		answer[name] = map[string]any{
			"mappings": map[string]any{
				"seed": map[string]any{"full_name": "seed", "mapping": map[string]any{"seed": leaf}},
			},
		}
	}
	_ = json.NewEncoder(w).Encode(answer)
}
