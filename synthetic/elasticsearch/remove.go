package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

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
