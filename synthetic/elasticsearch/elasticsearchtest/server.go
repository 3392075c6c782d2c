package elasticsearchtest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Server implements the part of Elasticsearch that the probe uses: the paths, headers
// and answers of Elasticsearch 8.19 and OpenSearch 2.19.
type Server struct {
	mu sync.Mutex
	// Index is the name in requests: an index, or an alias of Indices.
	Index string
	// Indices are the indices of the name. New documents go to the last by name.
	Indices map[string]*Mapping
	// Refresh makes documents visible at its next multiple; 0 means at once.
	Refresh time.Duration
	// RefreshInterval is the index's setting; "" means the default.
	RefreshInterval string
	// OpenSearch makes the server identify itself as OpenSearch.
	OpenSearch bool
	// NoHeader removes the product header, as some proxies do.
	NoHeader bool
	// BusyDeletions is how many more deletions are refused because the server is busy.
	BusyDeletions int
	// Blocked are the reasons why documents can't be deleted, by index.
	Blocked map[string]string
	// Privileges are those of the user on the index; nil means all.
	Privileges []string
	// Answer, if set, replaces the answer to any request for which it returns true.
	Answer func(w http.ResponseWriter, r *http.Request) (handled bool)

	docs            map[string]*document
	rounds          map[string][]*document // by the common prefix of their seeds
	seqNo           int64
	searches, bulks int
}

// Mapping is how an index maps the field seed.
type Mapping struct {
	// Type is the field's type; "" until a document brings the field.
	Type string
	// IgnoreAbove is the maximum length of an indexed keyword; 0 means no limit.
	IgnoreAbove int
	// Keyword is set if seed.keyword is mapped below it.
	Keyword bool
	// SourceExcludes is set if the source does not hold the field. NoSource is set if
	// there is no source.
	SourceExcludes, NoSource bool
}

type document struct {
	index, id string
	source    map[string]any
	visible   time.Time
	seqNo     int64
}

// NewServer returns a server with one index, whose field seed is a keyword.
func NewServer(index string) *Server {
	return &Server{
		Index: index, Indices: map[string]*Mapping{index: {Type: "keyword"}}, Blocked: map[string]string{},
		docs: map[string]*document{}, rounds: map[string][]*document{},
	}
}

// Put indexes a document or writes it again. A field seed without mapping becomes text
// with a keyword field below it.
func (f *Server) Put(id string, source map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	visible := time.Now()
	if f.Refresh > 0 {
		visible = visible.Truncate(f.Refresh).Add(f.Refresh)
	}
	index := f.writeIndex()
	if m := f.Indices[index]; m.Type == "" && source["seed"] != nil {
		m.Type, m.Keyword = "text", true
	}
	doc := &document{index, id, source, visible, f.seqNo}
	f.docs[id] = doc
	f.rounds[roundOf(source)] = append(f.rounds[roundOf(source)], doc)
	f.seqNo++
}

func (f *Server) writeIndex() string {
	last := ""
	for name := range f.Indices {
		last = max(last, name)
	}
	return last
}

// IDs returns the ids of all documents, visible or not.
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

// Searched returns the number of answered searches.
func (f *Server) Searched() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.searches
}

// Bulks returns the number of answered bulk requests.
func (f *Server) Bulks() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.bulks
}

// Set changes the server between two requests.
func (f *Server) Set(change func(f *Server)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	change(f)
}

// ServeHTTP implements http.Handler.
func (f *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.Answer != nil && f.Answer(w, r) {
		return
	}
	if f.OpenSearch || f.NoHeader {
		w = withoutHeader{w}
	}
	w.Header().Set(productHeader, "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	switch path := r.URL.Path; {
	case path == "/":
		f.introduce(w)
	case path == "/_security/user/_has_privileges" && !f.OpenSearch:
		f.privileges(w, r)
	case r.Method == http.MethodPut:
		f.administrate(w, r)
	case path == "/_bulk":
		f.bulk(w, r)
	case !strings.HasPrefix(path, "/"+f.Index+"/"):
		Error(w, http.StatusNotFound, "index_not_found_exception", "no such index ["+strings.Split(path, "/")[1]+"]")
	case strings.HasSuffix(path, "/_search"):
		f.search(w, r)
	case strings.HasSuffix(path, "/_count"):
		fmt.Fprintf(w, `{"count":%d}`, len(f.docs))
	case strings.HasSuffix(path, "/_field_caps"):
		f.fieldCaps(w)
	case strings.Contains(path, "/_mapping/field/"):
		f.fieldMapping(w)
	case strings.Contains(path, "/_settings/index.refresh_interval"):
		if f.RefreshInterval == "" {
			fmt.Fprint(w, `{}`)
			return
		}
		fmt.Fprintf(w, `{%q:{"settings":{"index.refresh_interval":%q}}}`, f.writeIndex(), f.RefreshInterval)
	default:
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"error":"no handler found for uri [%s] and method [%s]"}`, path, r.Method)
	}
}

const productHeader = "X-Elastic-Product"

// withoutHeader removes the product header before the answer begins.
type withoutHeader struct{ http.ResponseWriter }

// WriteHeader implements http.ResponseWriter.
func (w withoutHeader) WriteHeader(status int) {
	w.Header().Del(productHeader)
	w.ResponseWriter.WriteHeader(status)
}

func (w withoutHeader) Write(b []byte) (int, error) {
	w.Header().Del(productHeader)
	return w.ResponseWriter.Write(b)
}

func (f *Server) introduce(w http.ResponseWriter) {
	if f.OpenSearch {
		fmt.Fprint(
			w,
			`{"name":"lab","version":{"distribution":"opensearch","number":"2.19.1"},"tagline":"The OpenSearch `+
				`Project: https://opensearch.org/"}`,
		)
		return
	}
	fmt.Fprint(
		w, `{"name":"lab","version":{"number":"8.19.21","build_flavor":"default"},"tagline":"You Know, for Search"}`,
	)
}

// Error answers as Elasticsearch does.
func Error(w http.ResponseWriter, status int, kind, reason string) {
	w.Header().Set(productHeader, "Elasticsearch")
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	fmt.Fprintf(
		w, `{"error":{"root_cause":[{"type":%q,"reason":%q}],"type":%q,"reason":%q},"status":%d}`, kind, reason, kind,
		reason, status,
	)
}
