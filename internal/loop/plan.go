package loop

import (
	"context"
	"errors"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Plan is what is done in an episode between opening and ending it. A part that
// is nil is left out.
type Plan struct {
	Profiler Profiler
	Measurer Measurer
	// Advisor also says that the episode is for finding out, and is told to the
	// announcer.
	Advisor Advisor
}

// Profiler does the profiling step. Its errors are sentences that end in what to
// do: they become notes of the episode.
type Profiler interface {
	// SelectTarget chooses what to profile because of an alert, and takes it out of the
	// budget. An error says why no process is profiled.
	SelectTarget(ctx context.Context, alert episode.Alert) (episode.Target, error)
	// Take takes the profiles. Those it returns count even when it fails. After a
	// crash it is called again with the same target, which was paid for.
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

// Advisor does the advising step. It can't fail: what it could not use, or whom
// it could not ask, is in the advice's warnings.
type Advisor interface {
	// Advise returns all there is to say about an episode, which may take minutes.
	// Before that it hands over what can be said at once. An error of soon ends it.
	Advise(ctx context.Context, ep episode.Episode, soon func(episode.Advice) error) (episode.Advice, error)
	// Show shows the advice of an episode, which is in history.
	Show(ep episode.Episode)
}

// Notifier tells others of an episode.
type Notifier interface {
	// Where is the kind of receiver, for the record.
	Where() string
	// Notify makes sure that the episode is told exactly once, however often it
	// is called, and returns what the announcement is called there. An error that
	// is wrapped by [Later] says that waiting may help.
	Notify(ctx context.Context, ep episode.Episode) (id string, err error)
}

// errLater marks errors that may pass.
var errLater = errors.New("it is tried again")

// laterError keeps the text of the error that it marks.
type laterError struct{ error }

func (e laterError) Unwrap() []error { return []error{e.error, errLater} }

// Later marks an error of an announcer that may pass without anyone changing the
// sidecar: it is tried again until it has.
func Later(err error) error { return laterError{err} }
