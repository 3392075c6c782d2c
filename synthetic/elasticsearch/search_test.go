package elasticsearch

import (
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
)

func TestOurs(t *testing.T) {
	for _, tc := range []struct {
		name  string
		doc   document
		field string
		want  []string
	}{
		{"flat", document{Source: map[string]any{"meta.seed": seedA}}, "meta.seed", []string{seedA}},
		{
			"nested",
			document{Source: map[string]any{"meta": map[string]any{"seed": seedA}}},
			"meta.seed",
			[]string{seedA},
		},
		{"another seed", document{Source: map[string]any{"seed": seedB}}, "seed", nil},
		{
			"another text, whatever matched",
			document{Source: map[string]any{"seed": "4711"}, Matched: []string{seedA}},
			"seed", nil,
		},
		{"a number", document{Source: map[string]any{"seed": 1}}, "seed", nil},
		{"nothing", document{}, "seed", nil},
		{"a keyword field below", document{Source: map[string]any{"seed": seedA}}, "seed.keyword", []string{seedA}},
		{"a list", document{Source: map[string]any{"seed": []any{"x", seedA}}}, "seed", []string{seedA}},
		{"by its fields", document{Fields: map[string][]any{"seed": {seedA}}}, "seed", []string{seedA}},
		{"by what matched", document{Matched: []string{seedA}}, "seed", []string{seedA}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var seeds []string
			for _, doc := range ours(
				[]document{tc.doc}, (&SinkConfig{SeedField: tc.field}).seedFields(), []string{seedA},
			) {
				seeds = append(seeds, doc.seed)
			}
			require.Equal(t, tc.want, seeds)
		})
	}
}

func TestMappings(t *testing.T) {
	const asText = `elasticsearch: field "seed" of index "orders" is mapped as text, where a seed can't be found as a whole ` +
		`(map it as keyword for 38 characters, or set sinks[name=search].elasticsearch.seed_field to its ` +
		`keyword field)`
	type m = elasticsearchtest.Mapping
	for _, tc := range []struct {
		name    string
		indices map[string]*m
		known   bool
		partly  string
		err     string
	}{
		{"keyword", map[string]*m{"a": {Type: "keyword"}}, true, "", ""},
		{"not mapped yet", map[string]*m{"a": {}}, false, "", ""},
		{"text with a keyword below", map[string]*m{"a": {Type: "text", Keyword: true}}, true, "", ""},
		{"text", map[string]*m{"a": {Type: "text"}}, true, "", asText},
		{
			"keyword for short values",
			map[string]*m{"a": {Type: "keyword", IgnoreAbove: 16}},
			true, "",
			`elasticsearch: field "seed" of index "orders" is mapped as keyword with ignore_above 16, where a ` +
				`seed can't be found as a whole (map it as keyword for 38 characters, or set ` +
				`sinks[name=search].elasticsearch.seed_field to its keyword field)`,
		},
		{"keyword with a sufficient ignore_above", map[string]*m{"a": {Type: "keyword", IgnoreAbove: 256}}, true, "", ""},
		{
			"a number",
			map[string]*m{"a": {Type: "long"}},
			true, "",
			`elasticsearch: field "seed" of index "orders" is mapped as long, where a seed can't be found as a ` +
				`whole (map it as keyword for 38 characters, or set sinks[name=search].elasticsearch.seed_field to ` +
				`its keyword field)`,
		},
		{
			"old text, new keyword",
			map[string]*m{"orders-1": {Type: "text"}, "orders-2": {Type: "keyword"}},
			true,
			`elasticsearch: field "seed" is mapped as text in orders-1: records are not found there, only in ` +
				`the other indices behind "orders" (map it as keyword there too)`, "",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			elastic := elasticsearchtest.NewServer("orders")
			elastic.Indices = tc.indices
			server := httptest.NewServer(elastic)
			defer server.Close()
			found, err := dialElastic(t, server.URL).check(t.Context(), bySeed)
			require.Equal(t, tc.known, found.known)
			if tc.err != "" {
				require.EqualError(t, err, tc.err)
				require.ErrorIs(t, err, errNotKeyword)
				return
			}
			require.NoError(t, err)
			if tc.partly != "" {
				require.EqualError(t, found.partly, tc.partly)
				return
			}
			require.NoError(t, found.partly)
		})
	}
}

// TestDocumentsWithoutTheSeedAreNoted: a name that is wrong in the configuration looks like an index that is
// still empty.
func TestDocumentsWithoutTheSeedAreNoted(t *testing.T) {
	elastic := elasticsearchtest.NewServer("orders")
	elastic.Indices = map[string]*elasticsearchtest.Mapping{"a": {}}
	elastic.Put("1", map[string]any{"amount": 1})
	server := httptest.NewServer(elastic)
	defer server.Close()
	found, err := dialElastic(t, server.URL).check(t.Context(), bySeed)
	require.NoError(t, err)
	require.False(t, found.known)
	require.EqualError(t, found.partly, `elasticsearch: index "orders" has documents, and no field "seed": records are `+
		`found only if the job writes the seed there (or correct sinks[name=search].elasticsearch.seed_field)`)
}

// The seed is found for any effect of the mapping on the source.
func TestSeedsAreFoundByAnyMapping(t *testing.T) {
	for name, mapping := range map[string]elasticsearchtest.Mapping{
		"keyword":             {Type: "keyword"},
		"by dynamic mapping":  {},
		"not in the source":   {Type: "keyword", SourceExcludes: true},
		"without any source":  {Type: "keyword", NoSource: true},
		"text and no source":  {Type: "text", Keyword: true, SourceExcludes: true},
		"seeds within a list": {Type: "keyword"},
	} {
		t.Run(name, func(t *testing.T) {
			elastic := elasticsearchtest.NewServer("orders")
			elastic.Indices["orders"] = &mapping
			server := httptest.NewServer(elastic)
			defer server.Close()
			elastic.Put("a", map[string]any{"seed": []string{seedA}})
			docs, err := dialElastic(t, server.URL).search(t.Context(), bySeed, []string{seedB, seedA})
			require.NoError(t, err)
			require.Len(t, docs, 1)
			require.Equal(t, seedA, docs[0].seed)
		})
	}
}

// The products differ only in how they identify themselves.
func TestProducts(t *testing.T) {
	for name, change := range map[string]func(*elasticsearchtest.Server){
		"Elasticsearch":                func(*elasticsearchtest.Server) {},
		"Elasticsearch behind a proxy": func(s *elasticsearchtest.Server) { s.NoHeader = true },
		"OpenSearch":                   func(s *elasticsearchtest.Server) { s.OpenSearch = true },
	} {
		t.Run(name, func(t *testing.T) {
			elastic := elasticsearchtest.NewServer("orders")
			change(elastic)
			server := httptest.NewServer(elastic)
			defer server.Close()
			client := dialElastic(t, server.URL)
			_, err := client.check(t.Context(), bySeed)
			require.NoError(t, err)
			client.index = "order"
			_, err = client.check(t.Context(), bySeed)
			require.ErrorContains(t, err, `index "order" does not exist: HTTP 404, index_not_found_exception`)
		})
	}
}

func TestIntroductions(t *testing.T) {
	for body, want := range map[string]bool{
		`{"version":{"number":"7.10.2"},"tagline":"You Know, for Search"}`:                                           true,
		`{"version":{"distribution":"opensearch","number":"3.0.0"},"tagline":"changed"}`:                             true,
		`{"error":{"root_cause":[{"type":"security_exception","reason":"no permissions"}],"type":"x"},"status":403}`: true,
		`{"error":"not found"}`:              false,
		`{"version":{"number":"1.0"}}`:       false,
		`{"tagline":"You Know, for Search"}`: false,
		`<html>`:                             false,
		`{}`:                                 false,
	} {
		require.Equal(t, want, isIntroduction([]byte(body)), body)
	}
}
