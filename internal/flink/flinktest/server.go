package flinktest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest/simulate"
)

// JobName is the name of the captured job.
const JobName = "orders enrichment"

// fetchEvery is Flink's metrics.fetcher.update-interval.
const fetchEvery = 10 * time.Second

// maxURI is the longest request line Flink reads, in bytes.
const maxURI = 4083

// Server replays one version of Flink. It stops when the test ends.
type Server struct {
	// URL is the address of the server.
	URL string
	// JobID is the id of the running job.
	JobID string
	// Vertices are the ids of the job's vertices, the source first.
	Vertices []string

	mu       sync.Mutex
	answers  map[string]answer
	store    *store
	fault    Fault
	at       string // the ending of the paths that fail
	frozen   bool
	requests map[string]int
	profiler *profiler // nil while profiling is disabled
	failures map[Failures]any
	// finished are the subtasks of vertices of which some finished.
	finished map[string][]map[string]any
	// flameGraph is nil while Flink's own flame graphs are disabled.
	flameGraph *flameGraph
	now        func() time.Time
	began      time.Time // when the capture was taken, in time of now
	fetched    time.Time // when the store was last filled
	closing    chan struct{}
	// job is the simulated job; nil while the captured one is replayed.
	job     *simulate.Job
	version string
	// misreported is the parallelism that the job's document tells; 0 for the true one.
	misreported int

	// capturedAt is when the capture was taken, by the JobManager's clock in
	// milliseconds.
	capturedAt float64
}

// New starts a server that replays the captured version.
func New(t testing.TB, version string) *Server {
	t.Helper()
	s := &Server{
		answers: captured(t, version), failures: failures(t), requests: map[string]int{},
		finished: map[string][]map[string]any{}, closing: make(chan struct{}),
		version: version,
	}
	s.JobID = s.runningJob()
	for _, vertex := range s.vertices() {
		s.Vertices = append(s.Vertices, vertex["id"].(string))
	}
	var taskManagers []string
	for _, taskManager := range objects(s.document("/taskmanagers")["taskmanagers"]) {
		taskManagers = append(taskManagers, taskManager["id"].(string))
	}
	s.store = newStore(s.answers, s.Vertices, taskManagers)
	s.ranBefore()
	s.capturedAt = float(s.document("/jobs/" + s.JobID)["now"])
	s.SetNow(time.Now)

	server := httptest.NewServer(http.HandlerFunc(s.serve))
	s.URL = server.URL
	t.Cleanup(func() {
		close(s.closing)
		server.CloseClientConnections()
		server.Close()
	})
	return s
}

// SetNow gives the cluster another clock and starts again at the capture.
func (s *Server) SetNow(now func() time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.now, s.began, s.fetched = now, now(), now()
}

// Requests returns how many requests came since the last call, by path.
func (s *Server) Requests() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	counted := s.requests
	s.requests = map[string]int{}
	return counted
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.requests[r.URL.Path]++
	fault := s.fault
	if !strings.HasSuffix(r.URL.Path, s.at) {
		fault = nil
	}
	s.mu.Unlock()
	if fault != nil {
		fault(http.HandlerFunc(s.answer), s.closing).ServeHTTP(w, r)
		return
	}
	s.answer(w, r)
}

// answer responds as Flink does.
func (s *Server) answer(w http.ResponseWriter, r *http.Request) {
	status, body := s.find(r)
	w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	w.WriteHeader(status)
	// A client that disconnected is no fault of the server.
	_, _ = w.Write(body)
}

func (s *Server) find(r *http.Request) (status int, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drive()
	if len(r.RequestURI) > maxURI {
		return http.StatusNotFound, encode(notFound("/bad-request"))
	}
	if doc, ok := s.metrics(r); ok {
		body = encode(doc)
		s.fetch()
		return http.StatusOK, body
	}
	if status, body, ok := s.profile(r); ok {
		return status, body
	}
	if r.URL.Path == "/jobs/"+s.JobID && s.knows(s.JobID) {
		s.tell()
		defer s.fetch()
	}
	if found, ok := s.answers[r.URL.Path]; ok {
		return found.status, encode(limited(r, found.doc))
	}
	return s.missing(r.URL.Path)
}

// fetch refills the store if it is old enough. It runs after the answer to the request
// that triggered it, so that values are always one fetch old.
func (s *Server) fetch() {
	age := s.now().Sub(s.fetched)
	if s.frozen || age < fetchEvery {
		return
	}
	running := s.runs()
	s.store.advance(age, running)
	switch {
	case s.job != nil:
		s.fetchSimulated()
	case running:
		s.count(age)
	}
	s.fetched = s.now()
}

var (
	anyJob   = regexp.MustCompile(`^/jobs/([^/]+)`)
	validJob = regexp.MustCompile(`^[0-9a-f]{32}$`)
)

// missing answers for a missing object as Flink does for this kind of path.
func (s *Server) missing(path string) (status int, body []byte) {
	job := anyJob.FindStringSubmatch(path)
	found := answer{status: http.StatusNotFound, doc: notFound(path)}
	switch {
	case job == nil || s.knows(job[1]):
	case validJob.MatchString(job[1]):
		found = s.answers["/jobs/00000000000000000000000000000000"]
	default:
		found = s.answers["/jobs/xyz"]
	}
	return found.status, encode(found.doc)
}

func notFound(path string) any {
	return map[string]any{"errors": []string{"Unable to load requested file " + path + "."}}
}

func encode(doc any) []byte {
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err)
	}
	return text
}
