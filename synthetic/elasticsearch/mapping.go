package elasticsearch

import (
	"context"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

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
