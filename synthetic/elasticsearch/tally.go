package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// Tally counts the documents of a scale test in an index that the job writes. All its
// documents have seeds with one prefix.
type Tally struct {
	fields SinkConfig
	client *client
	// seedField is the field that is searched: the configured one, or the keyword field
	// below it.
	seedField string
	// unstamped is why the stamps can't be aggregated; nil while they can.
	unstamped error
}

// NewTally makes a tally. It opens no connection. A nil dial means the network.
func NewTally(cfg *Config, sink string, fields SinkConfig, dial synthetic.DialFunc) (*Tally, error) {
	client, err := newClient(cfg, sink, fields.Index, dial)
	if err != nil {
		return nil, err
	}
	return &Tally{fields: fields, client: client, seedField: fields.SeedField}, nil
}

// Index is what a scale test must know of an index.
type Index struct {
	// Refresh is the interval at which documents become visible.
	Refresh time.Duration
	// Shards is the number of primary shards; 0 if unknown.
	Shards int
}

// Check tests whether seeds can be counted in the index, and reads its settings.
func (t *Tally) Check(ctx context.Context) (Index, error) {
	if _, err := t.client.check(ctx, t.fields); err != nil {
		return Index{}, err
	}
	if err := t.chooseField(ctx); err != nil {
		return Index{}, err
	}
	index, err := t.client.settings(ctx)
	if err != nil {
		return index, err
	}
	if index.Refresh < 0 {
		return index, synthetic.Explain(nil, errNotRefreshed,
			"elasticsearch: index %q has refresh_interval -1, so its documents never become visible by themselves "+
				"(set index.refresh_interval to 1s for the test)", t.fields.Index)
	}
	return index, nil
}

// errNotRefreshed means that nothing in the index becomes visible.
var errNotRefreshed = synthetic.Permanent("its index is not refreshed")

// chooseField finds the field with whole seeds: the configured one, or the keyword field
// below it. A field that no document has brought yet stays the configured one.
func (t *Tally) chooseField(ctx context.Context) error {
	var caps struct {
		Fields map[string]map[string]struct{ Aggregatable, Searchable bool }
	}
	err := t.client.do(ctx, esapi.FieldCapsRequest{Index: []string{t.fields.Index}, Fields: t.fields.seedFields()}, &caps)
	if err != nil {
		return nil //nolint:nilerr // the search tells more than the missing right to this request
	}
	for _, field := range t.fields.seedFields() {
		for kind, entry := range caps.Fields[field] {
			if entry.Searchable && kind != "text" && kind != "match_only_text" {
				t.seedField = field
				return nil
			}
		}
	}
	return nil
}

// settings reads the settings of the index.
func (c *client) settings(ctx context.Context) (Index, error) {
	yes := true
	var answer map[string]struct{ Settings map[string]any }
	err := c.do(ctx, esapi.IndicesGetSettingsRequest{
		Index: []string{c.index}, Name: []string{"index.refresh_interval", "index.number_of_shards"}, FlatSettings: &yes,
	}, &answer)
	if err != nil {
		return Index{}, err
	}
	newest := "" // with an alias or a data stream, the newest index is the last by name
	for name := range answer {
		newest = max(newest, name)
	}
	settings := answer[newest].Settings
	index := Index{Refresh: time.Second}
	if text, explicit := settings["index.refresh_interval"].(string); explicit {
		if text == "-1" {
			index.Refresh = -1
		} else if index.Refresh, err = parseTimeValue(text); err != nil {
			return index, err
		}
	}
	if text, known := settings["index.number_of_shards"].(string); known {
		_, _ = fmt.Sscan(text, &index.Shards) // 0 stays unknown
	}
	return index, nil
}

// withPrefix is the query for the documents of one iteration.
func (t *Tally) withPrefix(prefix string) map[string]any {
	return map[string]any{"prefix": map[string]any{t.seedField: map[string]any{"value": prefix}}}
}

// Count returns how many documents with the prefix are visible.
func (t *Tally) Count(ctx context.Context, prefix string) (int64, error) {
	var answer struct {
		Hits struct{ Total struct{ Value int64 } }
	}
	err := t.search(ctx, map[string]any{
		"size": 0, "track_total_hits": true, "query": t.withPrefix(prefix),
	}, &answer)
	return answer.Hits.Total.Value, err
}

// search sends a search that fails if a shard does not answer: a missing shard would look
// like missing documents.
func (t *Tally) search(ctx context.Context, query map[string]any, into any) error {
	body, err := json.Marshal(query)
	if err != nil {
		return err
	}
	no := false
	return t.client.do(ctx, esapi.SearchRequest{
		Index: []string{t.fields.Index}, Body: bytes.NewReader(body),
		AllowPartialSearchResults: &no, AllowNoIndices: &no, IgnoreUnavailable: &no,
	}, into)
}

// Stamped reports whether the time of arrival of the documents is known. The error says why
// it is not, although the field is configured.
func (t *Tally) Stamped() (bool, error) {
	return t.fields.IndexedField != "" && t.unstamped == nil, t.unstamped
}

// Close ends the connections.
func (t *Tally) Close(ctx context.Context) error { return t.client.close(ctx) }
