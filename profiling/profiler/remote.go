package profiler

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// Flink is the access to Flink's REST API.
type Flink interface {
	// Do sends one request to the endpoint of a pattern such as
	// "/taskmanagers/:taskmanagerid/profiler". The escaped ids replace the segments that
	// begin with a colon, in order; an escaped query may follow. body is JSON, nil for none. It returns the status, of
	// whatever kind, and at most limit bytes of the answer. An error means that no
	// complete answer came.
	Do(ctx context.Context, method, pattern string, ids []string, body []byte,
		limit int64) (status int, answer []byte, err error)
}

const (
	// maxAnswer bounds the profiler's JSON: a list of ten runs, or an error with
	// a stack trace, of 7 KB at most.
	maxAnswer = 1 << 20
)

// remote is the profiler of one process.
type remote struct {
	flink   Flink
	process string
}

// profilerPath is the profiler's path, below that of its process.
const profilerPath = "/profiler"

// ask sends a request to a path of the process, or to a file below it, and returns the
// answer if it is a success.
func (r remote) ask(
	ctx context.Context, method, path, file string, body []byte, limit int64,
) (answer []byte, failure *Error) {
	pattern, ids := "/taskmanagers/:taskmanagerid"+path, []string{r.process}
	if r.process == snapshot.JobManager {
		pattern, ids = "/jobmanager"+path, nil
	}
	if file != "" {
		pattern, ids = pattern+"/:filename", append(ids, file)
	}
	status, answer, err := r.flink.Do(ctx, method, pattern, ids, body, limit)
	switch {
	case err != nil:
		return nil, &Error{Outcome: Unreachable, Err: err}
	case status != http.StatusOK:
		return nil, ofStatus(status, answer)
	}
	return answer, nil
}

// start begins a run.
func (r remote) start(ctx context.Context, mode flame.Mode, seconds int) (run, *Error) {
	body := fmt.Appendf(nil, `{"mode":%q,"duration":%d}`, mode, seconds)
	answer, failure := r.ask(ctx, http.MethodPost, profilerPath, "", body, maxAnswer)
	if failure != nil {
		return run{}, failure
	}
	var started run
	if failure := decode(answer, &started); failure != nil {
		return run{}, failure
	}
	if started.Status != running {
		return run{}, ofRun(started)
	}
	return started, nil
}

// runs lists the runs that the process remembers, the newest first.
func (r remote) runs(ctx context.Context) ([]run, *Error) {
	answer, failure := r.ask(ctx, http.MethodGet, profilerPath, "", nil, maxAnswer)
	if failure != nil {
		return nil, failure
	}
	// An object without the list is not the profiler's answer.
	var list struct {
		Runs json.RawMessage `json:"profilingList"`
	}
	var runs []run
	if failure := decode(answer, &list); failure != nil {
		return nil, failure
	}
	if failure := decode(list.Runs, &runs); failure != nil {
		return nil, failure
	}
	return runs, nil
}

// page fetches the page of a run.
func (r remote) page(ctx context.Context, file string) ([]byte, *Error) {
	return r.whole(ctx, profilerPath, file, pagestore.MaxPage)
}

// whole fetches an answer of at most so many bytes.
func (r remote) whole(ctx context.Context, path, file string, most int64) ([]byte, *Error) {
	answer, failure := r.ask(ctx, http.MethodGet, path, file, nil, most+1)
	if failure == nil && int64(len(answer)) > most {
		failure = &Error{Outcome: TooLarge, Cause: fmt.Sprintf("more than %d MiB", most>>20)}
	}
	return answer, failure
}

// lasted is how long a finished run sampled, or the requested duration if its times make
// no sense: they are by the process's own clock.
func (r run) lasted(asked time.Duration) time.Duration {
	if d := time.Duration(r.FinishedTime-r.TriggerTime) * time.Millisecond; d > 0 && d < 2*asked+time.Minute {
		return d
	}
	return asked
}
