package elasticsearch

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// blockException is the type of the errors of read-only indices.
const blockException = "cluster_block_exception"

// removal is the result of one bulk request.
type removal struct {
	// left are the documents that still exist.
	left []document
	// blocked are the read-only indices by name, each with the reason.
	blocked map[string]error
}

// deleted is the result for one document.
type deleted struct {
	Delete struct {
		Status int
		Error  struct{ Type, Reason string }
	}
}

// remove deletes documents in the version that was found. A document that the job has
// written again since then is not deleted.
func (c *client) remove(ctx context.Context, docs []document) (removal, error) {
	nothing := removal{left: docs}
	body, err := deletions(docs)
	if err != nil {
		return nothing, err
	}
	var answer struct{ Items []deleted }
	if err := c.do(ctx, esapi.BulkRequest{Body: body}, &answer); err != nil {
		return nothing, err
	}
	if len(answer.Items) != len(docs) {
		return nothing, fmt.Errorf(
			"elasticsearch: %d documents to delete, but %d answers (it is tried again)", len(docs), len(answer.Items),
		)
	}
	done := removal{blocked: map[string]error{}}
	for i, item := range answer.Items {
		switch status := item.Delete.Status; {
		case status == http.StatusOK, status == http.StatusNotFound, status == http.StatusConflict:
			continue // gone, or written again: the next look finds it
		case item.Delete.Error.Type == blockException:
			done.blocked[docs[i].Index] = c.readOnly(docs[i].Index, item.Delete.Error.Reason)
		case status == http.StatusForbidden:
			err = c.notAllowedToDelete()
		}
		done.left = append(done.left, docs[i])
	}
	return done, err
}

// deletions is the body of the bulk request.
func deletions(docs []document) (*bytes.Buffer, error) {
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
			return nil, err
		}
	}
	return &body, nil
}

func (c *client) readOnly(index, reason string) error {
	return fmt.Errorf(
		"elasticsearch: documents can't be deleted from %q, which is read-only: %s (remove the block, or set "+
			"sinks[name=%s].elasticsearch.cleanup to keep)",
		index, bounded(reason), c.sink)
}

func (c *client) notAllowedToDelete() error {
	return synthetic.Explain(
		nil, synthetic.ErrNoRight,
		"elasticsearch: not authorised to delete from %q (grant the index privilege delete, or set "+
			"sinks[name=%s].elasticsearch.cleanup to keep)",
		c.index, c.sink,
	)
}
