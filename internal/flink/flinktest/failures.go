package flinktest

import (
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Failures is a captured history of a job's exceptions.
type Failures string

// The histories that were captured, newest exception first. Both are of Flink
// 2.3.0; 1.20 gives the same entries, and a few fields beside them.
const (
	// ProducerFenced begins with a Kafka producer that another one fenced, on tm2, which
	// ended that TaskManager: nine attempts to run without its slots follow within 75
	// seconds.
	ProducerFenced Failures = "job_exceptions_failure.json"
	// MissingTopic is a missing source topic: eleven failures of the job as a whole, all
	// with one cause.
	MissingTopic Failures = "job_exceptions_missing_topic.json"
)

func failures(t testing.TB) map[Failures]any {
	t.Helper()
	all := map[Failures]any{}
	for _, name := range []Failures{ProducerFenced, MissingTopic} {
		text, err := testdata.ReadFile(path.Join("testdata", Flink23, string(name)))
		require.NoError(t, err)
		all[name] = decode(t, text)
	}
	return all
}

// exceptions is the path of the running job's exceptions.
func (s *Server) exceptions() string { return "/jobs/" + s.JobID + "/exceptions" }

// Fail replaces the running job's exceptions with a captured history.
func (s *Server) Fail(with Failures) {
	captured := object(object(s.failures[with])["exceptionHistory"])
	s.Edit(s.exceptions(), func(document map[string]any) { document["exceptionHistory"] = captured })
}

// Exception is one entry of a job's history of exceptions.
type Exception struct {
	// At is the JobManager's time in milliseconds.
	At                int64
	Name, Trace       string
	Task, TaskManager string
}

// AddException adds an exception as the newest of the running job. Of more than sixteen,
// Flink forgets the oldest.
func (s *Server) AddException(e Exception) {
	entry := map[string]any{
		"exceptionName": e.Name, "stacktrace": e.Trace, "timestamp": e.At, "failureLabels": map[string]any{},
		"taskName": e.Task, "taskManagerId": e.TaskManager, "concurrentExceptions": []any{},
	}
	s.Edit(s.exceptions(), func(document map[string]any) {
		history := object(document["exceptionHistory"])
		entries := slices.Concat([]any{entry}, list(history["entries"]))
		history["entries"] = entries[:min(len(entries), historySize)]
	})
}

// historySize is Flink's web.exception-history-size.
const historySize = 16

// limited returns as many of a job's exceptions as the request asks for.
func limited(r *http.Request, doc any) any {
	limit, err := strconv.Atoi(r.URL.Query().Get("maxExceptions"))
	if err != nil || !strings.HasSuffix(r.URL.Path, "/exceptions") {
		return doc
	}
	document, isObject := doc.(map[string]any)
	if !isObject {
		return doc
	}
	history := object(document["exceptionHistory"])
	entries := list(history["entries"])
	return map[string]any{"exceptionHistory": map[string]any{
		"entries": entries[:min(len(entries), limit)], "truncated": len(entries) > limit,
	}}
}
