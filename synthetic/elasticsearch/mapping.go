package elasticsearch

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// mapping is the effect of the index's mapping on the search for seeds.
type mapping struct {
	// known is false while no index has the seed field, because the first document may
	// give it any type.
	known bool
	// partly is why some of the indices behind the name can't be searched, or that documents
	// have no seed field; nil if neither is so.
	partly error
}

// fieldTypes are the types of one field, by name.
type fieldTypes map[string]struct {
	Searchable bool
	// Indices is empty when all indices that have the field agree on its type.
	Indices []string
}

// unfit are types that can't store a seed or never match it as a whole.
var unfit = []string{
	"text", "match_only_text", "search_as_you_type", "annotated_text", "semantic_text",
	"long", "integer", "short", "byte", "unsigned_long", "double", "float", "half_float", "scaled_float",
	"date", "date_nanos", "boolean", "ip", "binary", "object", "nested",
}

// check tests whether the index can be searched for seeds.
func (c *client) check(ctx context.Context, fields SinkConfig) (mapping, error) {
	if _, err := c.search(ctx, fields, []string{}); err != nil {
		return mapping{}, err
	}
	var caps struct{ Fields map[string]fieldTypes }
	err := c.do(ctx, esapi.FieldCapsRequest{Index: []string{c.index}, Fields: fields.seedFields()}, &caps)
	switch {
	case errors.Is(err, errNoAnswer):
		return mapping{}, err // the mapping is not known yet
	case err != nil:
		return mapping{}, nil // a search also works without this API or the right to it
	}
	found, err := c.judge(fields, caps.Fields, c.limits(ctx, fields))
	if err == nil && !found.known && c.hasDocuments(ctx) {
		found.partly = fmt.Errorf("elasticsearch: index %q has documents, and no field %q: records are found only if the job "+
			"writes the seed there (or correct sinks[name=%s].elasticsearch.seed_field)", c.index, fields.SeedField, c.sink)
	}
	return found, err
}

// hasDocuments reports whether a document is in the index; false also if that is not known.
func (c *client) hasDocuments(ctx context.Context) bool {
	var answer struct{ Count int64 }
	one := 1
	err := c.do(ctx, esapi.CountRequest{Index: []string{c.index}, TerminateAfter: &one}, &answer)
	return err == nil && answer.Count > 0
}

// limits returns, for the seed fields that ignore values as long as a seed, the length
// above which they do. Some servers do not provide it.
func (c *client) limits(ctx context.Context, fields SinkConfig) map[string]int {
	var answer map[string]struct {
		Mappings map[string]struct {
			Mapping map[string]struct {
				IgnoreAbove *int `json:"ignore_above"`
			}
		}
	}
	err := c.do(
		ctx, esapi.IndicesGetFieldMappingRequest{Index: []string{c.index}, Fields: fields.seedFields()}, &answer,
	)
	if err != nil {
		return nil
	}
	limits := map[string]int{}
	for _, index := range answer {
		for field, leaf := range index.Mappings {
			for _, m := range leaf.Mapping {
				if m.IgnoreAbove != nil && *m.IgnoreAbove < payload.MaxSeedLength {
					limits[field] = *m.IgnoreAbove
				}
			}
		}
	}
	return limits
}

// judge decides from the types of the seed fields whether seeds are found. If the seed
// field itself is unfit, a keyword field below it is enough.
func (c *client) judge(fields SinkConfig, caps map[string]fieldTypes, limits map[string]int) (mapping, error) {
	fit, below, bad := false, false, ""
	var where []string
	for _, field := range fields.seedFields() {
		for _, name := range slices.Sorted(maps.Keys(caps[field])) {
			entry := caps[field][name]
			limit, limited := limits[field]
			switch {
			case limited:
				if field == fields.SeedField || bad == "" {
					bad = fmt.Sprintf("%s with ignore_above %d", name, limit)
				}
			case entry.Searchable && !slices.Contains(unfit, name):
				fit, below = true, below || field != fields.SeedField
			case field == fields.SeedField:
				bad, where = name, entry.Indices
			}
		}
	}
	switch {
	case bad == "" || below:
		return mapping{known: fit}, nil
	case fit:
		return mapping{known: true, partly: fmt.Errorf(
			"elasticsearch: field %q is mapped as %s in %s: records are not found there, only in the other "+
				"indices behind %q (map it as keyword there too)",
			fields.SeedField, bad, someNames(where), c.index)}, nil
	}
	return mapping{known: true}, synthetic.Explain(nil, errNotKeyword,
		"elasticsearch: field %q of index %q is mapped as %s, where a seed can't be found as a whole (map it as "+
			"keyword for %d characters, or set sinks[name=%s].elasticsearch.seed_field to its keyword field)",
		fields.SeedField, c.index, bad, payload.MaxSeedLength, c.sink)
}

// someNames lists the first names and the number of the others.
func someNames(names []string) string {
	const most = 3
	if len(names) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
	}
	return strings.Join(names, ", ")
}
