package profiler

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// run is one run as Flink describes it.
type run struct {
	Status      string `json:"status"` // RUNNING, FINISHED or FAILED
	Mode        string `json:"mode"`
	TriggerTime int64  `json:"triggerTime"` // milliseconds, on the profiled process's clock
	// FinishedTime is as TriggerTime, 0 while the run goes on.
	FinishedTime int64  `json:"finishedTime"`
	Message      string `json:"message"`
	OutputFile   string `json:"outputFile"`
}

const (
	running  = "RUNNING"
	finished = "FINISHED"
)

// errNotJSON is the cause of an answer that may not be Flink's.
var errNotJSON = errors.New("the answer is not a profiler's")

// decode reads what Flink answers with 200.
func decode(answer []byte, into any) *Error {
	if err := json.Unmarshal(answer, into); err != nil {
		return &Error{Outcome: Refused, Err: errNotJSON}
	}
	return nil
}

// ofRun finds the reason of a failed run in the message that Flink stores with it.
func ofRun(r run) *Error {
	outcome := Failed
	switch {
	case strings.Contains(r.Message, "Profiler already started"), strings.Contains(r.Message, "Stop profiler failed"):
		outcome = Wedged
	case strings.Contains(r.Message, "No access to perf events"):
		outcome = PerfDenied
	}
	return &Error{Outcome: outcome, Cause: plaintext.Line(r.Message, maxText)}
}

// ofStatus converts an unsuccessful answer. The status alone says little: an unknown
// TaskManager is 500 to a POST and 404 to a GET.
func ofStatus(status int, answer []byte) *Error {
	text := string(answer)
	outcome := Refused
	switch {
	case strings.Contains(text, "still under profiling"):
		outcome = Busy
	case strings.Contains(text, "No TaskExecutor registered"), strings.Contains(text, "Could not find TaskExecutor"):
		outcome = UnknownProcess
	case strings.Contains(text, "RecipientUnreachableException"):
		outcome = Lost
	case strings.Contains(text, "This file does not exist"),
		strings.Contains(text, "does not exist on the TaskExecutor"):
		outcome = FileGone
	case status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		outcome = Disabled
	case status >= 500 && !strings.Contains(text, "IllegalArgumentException"):
		outcome = Unreachable
	}
	return &Error{Outcome: outcome, Cause: cause(status, answer)}
}

// cause finds the line of an answer that says what went wrong. Flink's errors are whole
// Java stack traces; the cause is the last "Caused by:", or else the first line of the
// trace.
func cause(status int, answer []byte) string {
	var body struct {
		Errors []string `json:"errors"`
	}
	if json.Unmarshal(answer, &body) != nil || len(body.Errors) == 0 {
		return http.StatusText(status)
	}
	trace := body.Errors[len(body.Errors)-1]
	const marker = "Caused by: "
	if at := strings.LastIndex(trace, marker); at >= 0 {
		trace = trace[at+len(marker):]
	}
	trace = strings.TrimPrefix(trace, "<Exception on server side:\n")
	line, _, _ := strings.Cut(trace, "\n")
	return plaintext.Line(line, maxText)
}

// maxText bounds a text from outside, in characters.
const maxText = 300
