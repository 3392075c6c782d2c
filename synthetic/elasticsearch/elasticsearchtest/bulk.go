package elasticsearchtest

import (
	"bufio"
	"encoding/json"
	"net/http"
	"strings"
)

func (f *Server) bulk(w http.ResponseWriter, r *http.Request) {
	f.bulks++
	items := []map[string]any{}
	for lines := bufio.NewScanner(r.Body); lines.Scan(); {
		var action struct {
			Delete struct {
				Index string `json:"_index"`
				ID    string `json:"_id"`
				SeqNo *int64 `json:"if_seq_no"`
			}
		}
		if err := json.Unmarshal(lines.Bytes(), &action); err != nil {
			Error(w, http.StatusBadRequest, "illegal_argument_exception", err.Error())
			return
		}
		result := map[string]any{"_index": action.Delete.Index, "_id": action.Delete.ID}
		doc := f.docs[action.Delete.ID]
		reason, blocked := f.Blocked[action.Delete.Index]
		switch {
		case blocked:
			result["status"] = statusOfBlock(reason)
			result["error"] = map[string]string{
				"type":   "cluster_block_exception",
				"reason": "index [" + action.Delete.Index + "] blocked by: [" + reason + "];",
			}
		case doc == nil:
			result["status"] = http.StatusNotFound
		case f.BusyDeletions > 0:
			f.BusyDeletions--
			result["status"] = http.StatusTooManyRequests
			result["error"] = map[string]string{"type": "es_rejected_execution_exception", "reason": "the queue is full"}
		case action.Delete.SeqNo != nil && *action.Delete.SeqNo != doc.seqNo:
			result["status"] = http.StatusConflict
		default:
			result["status"] = http.StatusOK
			delete(f.docs, action.Delete.ID)
		}
		items = append(items, map[string]any{"delete": result})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"took": 1, "errors": false, "items": items})
}

// statusOfBlock returns 429 for a full disk and 403 for any other block.
func statusOfBlock(reason string) int {
	if strings.HasPrefix(reason, "TOO_MANY_REQUESTS") {
		return http.StatusTooManyRequests
	}
	return http.StatusForbidden
}
