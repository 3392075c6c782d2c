package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

// sweepWithin bounds one request to delete by query, which lasts as long as the deletions
// do: Elasticsearch deletes some ten thousand documents a second.
const sweepWithin = 5 * time.Minute

// Cleans reports whether the configuration has the documents of tests removed.
func (t *Tally) Cleans() bool { return t.fields.Cleanup == cleanupDelete }

// Remove deletes the visible documents with the prefix, and returns how many it deleted.
// It does nothing if the configuration keeps documents. A document that becomes visible
// later needs another call.
func (t *Tally) Remove(ctx context.Context, prefix string) (removed int64, err error) {
	if !t.Cleans() {
		return 0, nil
	}
	body, err := json.Marshal(map[string]any{"query": t.withPrefix(prefix)})
	if err != nil {
		return 0, err
	}
	var answer struct {
		Deleted  int64
		Failures []struct {
			Index string
			Cause struct{ Type, Reason string }
		}
	}
	err = t.client.doWithin(ctx, sweepWithin, esapi.DeleteByQueryRequest{
		Index: []string{t.fields.Index}, Body: bytes.NewReader(body), Conflicts: "proceed",
	}, &answer)
	if err != nil || len(answer.Failures) == 0 {
		return answer.Deleted, err
	}
	first := answer.Failures[0]
	if first.Cause.Type == blockException {
		return answer.Deleted, t.client.readOnly(first.Index, first.Cause.Reason)
	}
	return answer.Deleted, fmt.Errorf("elasticsearch: documents of the test were not deleted from %q: %s (delete "+
		"those whose seed begins with %s)", first.Index, bounded(first.Cause.Type+": "+first.Cause.Reason), prefix)
}
