package flink

import (
	"context"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
)

// Exception is one failure of a job, as the JobManager remembers it.
type Exception struct {
	// Name is the class of the outermost exception, which often only wraps the important
	// one: see Class and Cause.
	Name string `json:"exceptionName"`
	// Trace is a whole Java stack trace.
	Trace string `json:"stacktrace"`
	At    Millis `json:"timestamp"`
	// Task is the name of the subtask that failed; empty for a failure of the job
	// as a whole.
	Task string `json:"taskName"`
	// TaskManager is the id of the process it ran on and Endpoint its address;
	// empty if it ran nowhere.
	TaskManager string `json:"taskManagerId"`
	Endpoint    string `json:"endpoint"`
	// Concurrent is true for a failure that Flink lists below another one, its root: both
	// led to one restart.
	Concurrent bool `json:"-"`
}

// Cause is the line of the trace that says what went wrong, at most limit
// characters.
func (e Exception) Cause(limit int) string { return RootCause(e.Trace, limit) }

// className is a Java class by its full name.
var className = lazyregexp.New(`^[\pL_$][\pL\pN_$]*(\.[\pL_$][\pL\pN_$]*)*$`)

// Class is the class of the exception in Cause, or else of the outermost one; empty if
// neither is known.
func (e Exception) Class() string {
	class, _, _ := strings.Cut(RootCause(e.Trace, 1000), ":")
	for _, name := range []string{strings.TrimSpace(class), e.Name} {
		if className().MatchString(name) {
			return name
		}
	}
	return ""
}

// Exceptions reads the newest failures of a job, at most limit of them, and those that
// occurred together with one of these: each root is followed by its own. The JobManager remembers 16 by default, in memory.
func (c *Client) Exceptions(ctx context.Context, job string, limit int) ([]Exception, error) {
	var answer struct {
		History struct {
			Entries []struct {
				Exception
				Concurrent []Exception `json:"concurrentExceptions"`
			} `json:"entries"`
		} `json:"exceptionHistory"`
	}
	r, err := to("/jobs/:jobid/exceptions", job)
	if err != nil {
		return nil, err
	}
	if err := c.get(ctx, r, "maxExceptions="+strconv.Itoa(limit), &answer); err != nil {
		return nil, err
	}
	var all []Exception
	for _, entry := range answer.History.Entries {
		all = append(all, entry.Exception)
		for _, concurrent := range entry.Concurrent {
			concurrent.Concurrent = true
			all = append(all, concurrent)
		}
	}
	return all, nil
}
