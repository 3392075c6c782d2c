package loop

import (
	"context"
	"errors"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Plan is the steps of an episode between opening and ending it. A nil part is left out.
type Plan struct {
	Profiler Profiler
	Measurer Measurer
	// Advisor also means that the episode has results to announce.
	Advisor Advisor
	// Announce is set for an episode that is announced without advice.
	Announce bool
}

// announced reports whether an episode is announced. A step of it that fails does not end it.
func (p Plan) announced() bool { return p.Advisor != nil || p.Announce }

// Profiler does the profiling step. Its errors are sentences that end in what to do: they
// become notes of the episode.
type Profiler interface {
	// SelectTarget chooses what to profile because of an alert, and takes it out of the
	// budget. An error says why no process is profiled.
	SelectTarget(ctx context.Context, alert episode.Alert) (episode.Target, error)
	// Take takes the profiles. Those it returns count even when it fails. After a crash
	// it is called again with the same target, which is already out of the budget.
	Take(ctx context.Context, target episode.Target) ([]episode.Profile, error)
}

// Measurer does the measuring step of one episode. It may take minutes and
// must give up when ctx ends.
type Measurer interface {
	Measure(ctx context.Context, alert episode.Alert) (episode.Measurement, error)
}

// MeasureFunc is a function as a Measurer.
type MeasureFunc func(ctx context.Context, alert episode.Alert) (episode.Measurement, error)

// Measure calls f.
func (f MeasureFunc) Measure(ctx context.Context, alert episode.Alert) (episode.Measurement, error) {
	return f(ctx, alert)
}

// Advisor does the advising step. It cannot fail: inputs that it could not use, and an
// LLM that it could not reach, are in the advice's warnings.
type Advisor interface {
	// Advise returns the complete advice of an episode, which may take minutes. Before
	// that it passes the rules' advice to soon. An error of soon ends it.
	Advise(ctx context.Context, ep episode.Episode, soon func(episode.Advice) error) (episode.Advice, error)
	// Show exports the advice of an episode, which is in history.
	Show(ep episode.Episode)
}

// Notifier announces episodes.
type Notifier interface {
	// Where is the kind of receiver, for the record.
	Where() string
	// Open says that an episode has begun, so that people know it long before its results. It
	// changes nothing where the episode was announced already. An error wrapped by [Later]
	// means that a later attempt may succeed.
	Open(ctx context.Context, ep episode.Episode) error
	// Notify makes sure that the episode is announced exactly once, however often it is
	// called, and returns the id of the announcement. An error wrapped by [Later] means
	// that a later attempt may succeed.
	Notify(ctx context.Context, ep episode.Episode) (id string, err error)
}

// errLater marks temporary errors.
var errLater = errors.New("the sidecar tries again")

// laterError keeps the text of the error that it marks.
type laterError struct{ error }

func (e laterError) Unwrap() []error { return []error{e.error, errLater} }

// Later marks an error of a notifier as temporary: the loop tries again until it
// succeeds.
func Later(err error) error { return laterError{err} }
