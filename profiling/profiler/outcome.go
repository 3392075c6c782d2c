package profiler

import (
	"cmp"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Outcome is the result of a request to profile.
type Outcome string

// The outcomes. All but Finished are the Outcome of an [Error].
const (
	Finished       Outcome = "finished"        // read and summarised
	Disabled       Outcome = "disabled"        // Flink does not offer its profiler
	Busy           Outcome = "busy"            // another run went on for too long
	Wedged         Outcome = "wedged"          // async-profiler was never stopped
	PerfDenied     Outcome = "perf_denied"     // no access to the kernel's perf events
	UnknownProcess Outcome = "unknown_process" // no such TaskManager
	Refused        Outcome = "refused"         // the request or its credentials
	Failed         Outcome = "failed"          // the run ended without a page
	Lost           Outcome = "lost"            // the process went away during the run
	Vanished       Outcome = "vanished"        // the process does not remember the run
	Overdue        Outcome = "overdue"         // the run does not end
	FileGone       Outcome = "file_gone"       // the page was deleted before it was fetched
	TooLarge       Outcome = "too_large"       // the page is larger than the limit
	Unreadable     Outcome = "unreadable"      // the page is not a whole flame graph
	Unreachable    Outcome = "unreachable"     // no answer
	Canceled       Outcome = "canceled"        // the sidecar stops, or the caller gave up
	CoolingDown    Outcome = "cooling_down"    // the vertex was profiled not long ago
	OverBudget     Outcome = "over_budget"     // no runs are left for today
	NotRunning     Outcome = "not_running"     // the job does no work
	Unsettled      Outcome = "unsettled"       // the job restarted less than a minute ago
	Storm          Outcome = "storm"           // the job's checkpoints fail in a row
	HeldBack       Outcome = "held_back"       // the mode is known to end JVMs of this version
	LockedOut      Outcome = "locked_out"      // a TaskManager went away during or soon after a run
)

// Outcomes lists all outcomes.
func Outcomes() []Outcome {
	return []Outcome{
		Finished, Disabled, Busy, Wedged, PerfDenied, UnknownProcess, Refused, Failed, Lost, Vanished,
		Overdue, FileGone, TooLarge, Unreadable, Unreachable, Canceled, CoolingDown, OverBudget,
		NotRunning, Unsettled, Storm, HeldBack, LockedOut,
	}
}

// meaning explains an outcome to an operator.
type meaning struct {
	what, advice string
	retryable    bool
}

func (o Outcome) meaning() meaning {
	switch o {
	case Disabled:
		return meaning{
			"Flink does not offer its profiler",
			"set rest.profiling.enabled: true, use Flink 1.19 or later, and let a proxy before the JobManager " +
				"pass POST", false,
		}
	case Busy:
		return meaning{"another profile of it is in progress", "wait for it to end; Flink's UI lists it", true}
	case Wedged:
		return meaning{
			"its profiler can no longer be stopped or started",
			"create the directory of rest.profiling.dir where it runs, make room there, and restart the process",
			false,
		}
	case PerfDenied:
		return meaning{
			"the kernel denies access to perf events",
			"use ITIMER, or set kernel.perf_event_paranoid=1 there", false,
		}
	case UnknownProcess:
		return meaning{
			"Flink knows no such TaskManager", "choose one that Flink lists: it may have been replaced",
			false,
		}
	case Refused:
		return meaning{
			"Flink refused the request",
			"check flink.url, flink.http and profiling.duration against rest.profiling.duration-max", false,
		}
	case Failed:
		return meaning{"the run failed", "see the log of the process", false}
	case Lost:
		return meaning{
			"was interrupted",
			"read its log before you profile it again: as a precaution its vertex gets no automatic profile for " +
				"a day, which sidecar resume profiling ends", false,
		}
	case Vanished:
		return meaning{
			"the process has forgotten the run",
			"take it again: it restarted, or many other profiles were taken", true,
		}
	case Overdue:
		return meaning{"the run does not end", "see the log of the process", false}
	default:
		return o.laterMeaning()
	}
}

// laterMeaning covers the outcomes after the end of a run, or before its start.
func (o Outcome) laterMeaning() meaning {
	switch o {
	case FileGone:
		return meaning{
			"the page was deleted before it could be fetched",
			"take it again, and raise rest.profiling.history-size if others profile too", true,
		}
	case TooLarge:
		return meaning{"the page is larger than the limit", "take a shorter profile", false}
	case Unreadable:
		return meaning{"the page cannot be read", "take it again", true}
	case Unreachable:
		return meaning{"Flink gave no answer", "check that the JobManager runs and flink.url is right", true}
	case Canceled:
		return meaning{"it was canceled", "take it again; Flink ends the run by itself", true}
	case CoolingDown:
		return meaning{
			"it was profiled not long ago",
			"wait, lower profiling.cooldown, or run sidecar profile take", true,
		}
	case OverBudget:
		return meaning{
			"today's profiles are used up",
			"wait, raise profiling.per_day, or run sidecar profile take", true,
		}
	case NotRunning:
		return meaning{"the job does no work", "ask again when it runs", true}
	case Unsettled:
		return meaning{"the job has just restarted", "wait for a minute, or run sidecar profile take", true}
	case Storm:
		return meaning{
			"the job's checkpoints are in trouble",
			"see its checkpoints in Flink's UI, or run sidecar profile take", true,
		}
	case HeldBack:
		return meaning{
			"Flink's async-profiler has ended JVMs of Java 21 in this mode, and this JVM is not known to be older",
			"set profiling.allow_wall: true if this JVM is safe", false,
		}
	case LockedOut:
		return meaning{
			"a TaskManager went away during or soon after its profile, cause not known",
			"read its log; sidecar resume profiling ends this precaution, otherwise it ends after a day", false,
		}
	default:
		return meaning{what: string(o)}
	}
}

// Error is an outcome other than Finished.
type Error struct {
	Outcome Outcome
	// Process is "jobmanager", the id of a TaskManager or, for a budget's
	// refusal, a vertex; it may be empty.
	Process string
	Mode    flame.Mode
	// Ending says why a lost process went away, as far as Flink says so; empty if the cause
	// is not known.
	Ending string
	// Cause is Flink's message, on one line; empty if there is none.
	Cause string
	// Err is the error underneath, if there is one.
	Err error
}

// Error says what happened and what to do.
func (e *Error) Error() string {
	means := e.Outcome.meaning()
	text := "profiling: "
	if e.Process != "" {
		text += plaintext.Line(e.Process, maxText) + ": "
	}
	switch {
	case e.Outcome == Lost:
		text += strings.TrimSpace(string(e.Mode)+" "+means.what) + ": " + e.who() +
			" went away while it was profiled; " + cmp.Or(e.Ending, "cause not known")
	case e.Mode != "":
		text += string(e.Mode) + ": " + means.what
	default:
		text += means.what
	}
	if e.Cause != "" {
		text += ": " + e.Cause
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Err != nil && strings.HasSuffix(text, ")") {
		return text // Err has more specific advice
	}
	return text + " (" + means.advice + ")"
}

// who names the process.
func (e *Error) who() string {
	switch {
	case e.Process == "" || e.Mode == flame.Vertex:
		return "a process"
	case e.Process == snapshot.JobManager:
		return "the JobManager"
	}
	return "TaskManager " + plaintext.Line(e.Process, maxText)
}

// Unwrap returns the error underneath.
func (e *Error) Unwrap() error { return e.Err }

// Retryable reports whether the same request may succeed later without a change of
// configuration.
func (e *Error) Retryable() bool { return e.Outcome.meaning().retryable }
