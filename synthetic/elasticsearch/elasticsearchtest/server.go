package elasticsearchtest

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server speaks as much of Elasticsearch as the probe hears: the real
// paths, headers and shapes, taken from answers of an Elasticsearch 8.19.
type Server struct {
	mu      sync.Mutex
	Index   string
	Refresh time.Duration // documents are visible at the next multiple of it
	docs    map[string]*document
	seqNo   int64
	// answer, if set, replaces the answer to any request.
	Answer func(w http.ResponseWriter, r *http.Request) (handled bool)
	// RefreshInterval is the index's setting; "" leaves it to the default.
	RefreshInterval string
	FieldType       string
	searches, bulks int
}

type document struct {
	id      string
	source  map[string]any
	visible time.Time
	seqNo   int64
}

func NewServer(index string) *Server {
	return &Server{Index: index, docs: map[string]*document{}, FieldType: "keyword"}
}

// Put indexes a document, or writes it anew.
func (f *Server) Put(id string, source map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	visible := time.Now()
	if f.Refresh > 0 {
		visible = visible.Truncate(f.Refresh).Add(f.Refresh)
	}
	f.docs[id] = &document{id, source, visible, f.seqNo}
	f.seqNo++
}

// IDs returns the documents that are there, visible or not.
func (f *Server) IDs() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	ids := []string{}
	for id := range f.docs {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func (f *Server) Searched() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.searches
}

func (f *Server) Set(change func(f *Server)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Answer != nil && f.Answer(w, r) {
		return
	}
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	switch path := r.URL.Path; {
	case path == "/_bulk":
		f.bulk(w, r)
	case !strings.HasPrefix(path, "/"+f.Index+"/"):
		Error(w, http.StatusNotFound, "index_not_found_exception", "no such index ["+strings.Split(path, "/")[1]+"]")
	case strings.HasSuffix(path, "/_search"):
		f.search(w, r)
	case strings.HasSuffix(path, "/_field_caps"):
		fmt.Fprintf(w, `{"indices":[%q],"fields":{"seed":{%q:{"type":%q,"metadata_field":false,"searchable":true,"aggregatable":true}}}}`, f.Index, f.FieldType, f.FieldType)
	case strings.HasSuffix(path, "/_settings/index.refresh_interval"):
		if f.RefreshInterval == "" {
			fmt.Fprint(w, `{}`)
			return
		}
		fmt.Fprintf(w, `{%q:{"settings":{"index.refresh_interval":%q}}}`, f.Index, f.RefreshInterval)
	default:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"no handler found for uri [%s] and method [%s]"}`, path, r.Method)
	}
}

func (f *Server) search(w http.ResponseWriter, r *http.Request) {
	f.searches++
	var query struct {
		Size  int
		Query struct {
			Bool struct {
				Filter struct{ Terms map[string][]string }
			}
		}
		Source []string `json:"_source"`
	}
	if err := json.NewDecoder(r.Body).Decode(&query); err != nil {
		Error(w, http.StatusBadRequest, "parsing_exception", err.Error())
		return
	}
	type hit struct {
		Index  string         `json:"_index"`
		ID     string         `json:"_id"`
		SeqNo  int64          `json:"_seq_no"`
		Term   int64          `json:"_primary_term"`
		Score  float64        `json:"_score"`
		Source map[string]any `json:"_source"`
	}
	hits := []hit{}
	for field, seeds := range query.Query.Bool.Filter.Terms {
		for _, doc := range f.docs {
			seed, _ := doc.source[field].(string)
			if slices.Contains(seeds, seed) && !time.Now().Before(doc.visible) && len(hits) < query.Size {
				hits = append(hits, hit{f.Index, doc.id, doc.seqNo, 1, 0, doc.source})
			}
		}
	}
	_ = json.NewEncoder(w).Encode(map[string]any{
		"took": 1, "timed_out": false, "_shards": map[string]int{"total": 1, "successful": 1, "skipped": 0, "failed": 0},
		"hits": map[string]any{"max_score": nil, "hits": hits},
	})
}

func (f *Server) bulk(w http.ResponseWriter, r *http.Request) {
	f.bulks++
	var items []map[string]any
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
		status := http.StatusOK
		doc := f.docs[action.Delete.ID]
		switch {
		case doc == nil:
			status = http.StatusNotFound
		case action.Delete.SeqNo != nil && *action.Delete.SeqNo != doc.seqNo:
			status = http.StatusConflict
		default:
			delete(f.docs, action.Delete.ID)
		}
		items = append(items, map[string]any{"delete": map[string]any{"_index": action.Delete.Index, "_id": action.Delete.ID, "status": status}})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"took": 1, "errors": false, "items": items})
}

// Error answers as Elasticsearch does.
func Error(w http.ResponseWriter, status int, kind, reason string) {
	w.Header().Set("X-Elastic-Product", "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(w, `{"error":{"root_cause":[{"type":%q,"reason":%q}],"type":%q,"reason":%q},"status":%d}`, kind, reason, kind, reason, status)
}
