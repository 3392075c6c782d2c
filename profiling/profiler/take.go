package profiler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

const (
	// patience is how much longer than expected a run may take, an unreachable Flink
	// included: a JobManager needs some ten seconds to restart.
	patience = time.Minute
	// firstLook and slowestLook bound the time between two reads of the list.
	firstLook, slowestLook = 200 * time.Millisecond, 2 * time.Second
	// strangers is how many runs of other clients are waited for.
	strangers = 2
	// hotFrames is how many frames a summary lists.
	hotFrames = 20
)

// take does one run. The caller has the turn of the process.
func (p *Profiler) take(
	ctx context.Context, remote remote, mode flame.Mode, duration time.Duration, since time.Time,
) (Result, *Error) {
	begun, taken, left, failure := p.adopt(ctx, remote, mode, duration, since)
	if failure == nil && begun.TriggerTime == 0 {
		left = duration
		begun, taken, failure = p.begin(ctx, remote, mode, duration)
	}
	if failure != nil {
		return Result{}, failure
	}
	ended, failure := p.await(ctx, remote, begun, left)
	if failure != nil {
		return Result{}, failure
	}
	text, page, failure := p.fetch(ctx, remote, ended.OutputFile)
	if failure != nil {
		return Result{}, failure
	}
	result := p.result(page.Tree, mode, taken, text)
	result.Profile.Process, result.Profile.Duration = remote.process, ended.lasted(duration)
	return result, nil
}

// maxSkew is how far the clock of a process may be behind ours, so that its run is known again.
const maxSkew = 5 * time.Second

// adopt finds the newest run in a mode since a time, whether it still goes on or is finished,
// and how long it may still go on. The zero run means that there is none.
func (p *Profiler) adopt(
	ctx context.Context, remote remote, mode flame.Mode, duration time.Duration, since time.Time,
) (found run, at time.Time, left time.Duration, failure *Error) {
	if since.IsZero() {
		return run{}, at, 0, nil
	}
	runs, failure := remote.runs(ctx)
	if failure != nil {
		return run{}, at, 0, failure
	}
	for _, r := range runs {
		began := time.UnixMilli(r.TriggerTime)
		if r.Mode != string(mode) || began.Before(since.Add(-maxSkew)) || r.Status != running && r.Status != finished {
			continue
		}
		if r.Status == running {
			left = min(duration, max(0, duration-p.Now().Sub(began)))
		}
		p.log.Info("Profile of an earlier process of the sidecar is used", "process", remote.process, "mode", mode)
		return r, began, left, nil
	}
	return run{}, at, 0, nil
}

// result summarizes a profile and stores its page; a failure to store it is a warning.
func (p *Profiler) result(tree *flame.Tree, mode flame.Mode, taken time.Time, text []byte) Result {
	profile := summarise(tree)
	profile.ID = ulid.MustNew(ulid.Timestamp(taken), ulid.DefaultEntropy()).String()
	profile.Mode, profile.Taken, profile.Hash = string(mode), taken, pagestore.HashOf(text)
	if err := p.store.Put(text); err != nil {
		p.log.Warn("The page of a profile is not kept", "profile", profile.ID, "err", err)
		profile.Warnings = append(profile.Warnings, fmt.Sprintf("Its page is not kept: %s.", err))
	}
	return Result{Profile: profile, Tree: tree}
}

// begin starts a run, after runs of other clients.
func (p *Profiler) begin(
	ctx context.Context, remote remote, mode flame.Mode, duration time.Duration,
) (begun run, at time.Time, failure *Error) {
	for waited := 0; ; waited++ {
		at = p.Now()
		begun, failure = remote.start(ctx, mode, int(duration/time.Second))
		switch {
		case failure == nil:
			return begun, at, nil
		case failure.Outcome == Lost: // before any run of ours
			failure.Outcome = UnknownProcess
			return run{}, at, failure
		case failure.Outcome != Busy || waited == strangers:
			return run{}, at, failure
		}
		if failure := p.awaitStranger(ctx, remote); failure != nil {
			return run{}, at, failure
		}
	}
}

// awaitStranger waits until no run is in progress. Flink's longest is five minutes by
// default.
func (p *Profiler) awaitStranger(ctx context.Context, remote remote) *Error {
	_, failure := p.look(ctx, remote, 5*time.Minute, func(runs []run) (run, bool, *Error) {
		for _, r := range runs {
			if r.Status == running {
				return r, false, nil
			}
		}
		return run{}, true, nil
	})
	if failure != nil && failure.Outcome == Overdue {
		failure.Outcome = Busy
	}
	return failure
}

// await waits for the end of a run that has begun.
func (p *Profiler) await(ctx context.Context, remote remote, begun run, duration time.Duration) (run, *Error) {
	if err := p.Sleep(ctx, duration); err != nil {
		return run{}, &Error{Outcome: Canceled, Err: err}
	}
	ended, failure := p.look(ctx, remote, 0, func(runs []run) (run, bool, *Error) {
		for _, r := range runs {
			if r.TriggerTime != begun.TriggerTime || r.Mode != begun.Mode {
				continue
			}
			switch r.Status {
			case running:
				return r, false, nil
			case finished:
				return r, true, nil
			default:
				return r, false, ofRun(r)
			}
		}
		return run{}, false, &Error{Outcome: Vanished}
	})
	if failure != nil && failure.Outcome == UnknownProcess {
		failure.Outcome = Lost
	}
	return ended, failure
}

// look reads the list of runs repeatedly until enough accepts it or fails, for longest
// and some patience. Flink may be unreachable in the meantime.
func (p *Profiler) look(
	ctx context.Context, remote remote, longest time.Duration, enough func([]run) (run, bool, *Error),
) (run, *Error) {
	pauses, until := wait.Backoff(firstLook, slowestLook), p.Now().Add(longest+patience)
	for {
		runs, failure := remote.runs(ctx)
		if failure == nil {
			found, ok, failure := enough(runs)
			if ok || failure != nil {
				return found, failure
			}
		} else if failure.Outcome != Unreachable {
			return run{}, failure
		}
		if p.Now().After(until) {
			if failure == nil {
				failure = &Error{Outcome: Overdue}
			}
			return run{}, failure
		}
		if err := p.Sleep(ctx, pauses.NextBackOff()); err != nil {
			return run{}, &Error{Outcome: Canceled, Err: err}
		}
	}
}

// fetch reads the page of a run. A page that is cut off or does not arrive is fetched
// once more.
func (p *Profiler) fetch(
	ctx context.Context, remote remote, file string,
) (text []byte, page *flame.Page, failure *Error) {
	if file == "" {
		return nil, nil, &Error{Outcome: FileGone, Cause: "the run names no file"}
	}
	for range 2 {
		text, failure = remote.page(ctx, file)
		if failure == nil {
			page, failure = read(text)
		}
		if failure == nil || failure.Outcome != Unreachable && !errors.Is(failure, flame.ErrCutOff) {
			break
		}
	}
	return text, page, failure
}

func read(text []byte) (*flame.Page, *Error) {
	page, err := flame.ReadPage(bytes.NewReader(text))
	switch {
	case errors.Is(err, flame.ErrTooLarge):
		return nil, &Error{Outcome: TooLarge, Err: err}
	case err != nil:
		return nil, &Error{Outcome: Unreadable, Err: err}
	}
	return page, nil
}

// summarise summarizes a profile as far as the run does not matter.
func summarise(tree *flame.Tree) episode.Profile {
	profile := episode.Profile{Samples: tree.Total()}
	for _, frame := range tree.Top(hotFrames) {
		profile.Hot = append(profile.Hot, episode.HotFrame(frame))
	}
	quality := tree.Quality()
	profile.Grade = string(quality.Grade)
	if profile.Samples == 0 {
		profile.Warnings = []string{"It has no samples: nothing of this kind happened."}
		return profile
	}
	for _, reason := range quality.Reasons {
		profile.Warnings = append(profile.Warnings, fmt.Sprintf("It is %s: %s.", quality.Grade, reason))
	}
	return profile
}
