package outcome

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Subject is what an evaluation of a job is of. A regression of one subject neither hides nor ends
// that of another: a branch is not the version in production, and a round of the probe does not
// measure what a scale test does.
type Subject struct {
	Kind episode.EvaluationKind
	// Label names what was evaluated, BaselineLabel what it was compared with; empty for all
	// accepted evaluations.
	Label, BaselineLabel string
}

// SubjectOf is the subject of an evaluation.
func SubjectOf(e episode.Evaluation) Subject { return Subject{e.Kind, e.Label, e.BaselineLabel} }

// Newest are the subjects of the newest evaluation of each kind, of evaluations that are newest
// first.
func Newest(evaluations []episode.Evaluation) (subjects []Subject) {
	for _, e := range evaluations {
		if !slices.ContainsFunc(subjects, func(s Subject) bool { return s.Kind == e.Kind }) {
			subjects = append(subjects, SubjectOf(e))
		}
	}
	return subjects
}

// Regression is a large regression of a job that is not over.
type Regression struct {
	// Evaluation is the newest one that shows it, Since is when the first of them began.
	Evaluation episode.Evaluation
	Since      time.Time

	// elsewhere counts the later evaluations in another environment or at another load, since the
	// last one in its own.
	elsewhere int
}

// Subject is what regressed.
func (r Regression) Subject() Subject { return SubjectOf(r.Evaluation) }

// Standing returns the large regressions that the evaluations of one job show, newest first; at most
// one of each subject, in the order in which they began. Each is over after one of these:
//
//   - An evaluation of the same subject that finds no large regression, in the same environment, at
//     the same load, and that judged the figures that were outside. One with another label counts
//     if it was accepted: it says how the job is now.
//   - Such a one in another environment or at another load, if more than [MinAccepted] in a row were
//     there: then its own does not come back.
//   - A regression of the same kind and environment that a person accepted as a fresh beginning.
//
// One that could not be judged says nothing.
func Standing(evaluations []episode.Evaluation) (open []Regression) {
	for _, e := range slices.Backward(evaluations) { // oldest first
		var left []Regression
		for _, r := range open {
			if !r.endsWith(e) {
				left = append(left, r)
			}
		}
		open = left
		if e.Verdict == episode.EvaluationRegression && !e.Fresh {
			open = opened(open, e)
		}
	}
	return open
}

// opened adds a regression, or says that one is still there.
func opened(open []Regression, e episode.Evaluation) []Regression {
	at := slices.IndexFunc(open, func(r Regression) bool { return r.Subject() == SubjectOf(e) })
	if at < 0 {
		return append(open, Regression{Evaluation: e, Since: e.Began})
	}
	open[at].Evaluation, open[at].elsewhere = e, 0
	return open
}

// endsWith reports whether a later evaluation ends the regression, and counts those elsewhere.
func (r *Regression) endsWith(e episode.Evaluation) bool {
	was := r.Evaluation
	sameEnvironment := e.Fingerprint == was.Fingerprint
	switch {
	case e.Kind != was.Kind:
		return false
	case e.Fresh && sameEnvironment:
		return true
	case e.BaselineLabel != was.BaselineLabel || e.Label != was.Label && !e.Accepted:
		return false
	case sameEnvironment && similarLoad(e.Load, was.Load):
		r.elsewhere = 0
	default:
		if r.elsewhere++; r.elsewhere <= MinAccepted {
			return false
		}
	}
	return e.Verdict == episode.EvaluationFine && judgedAgain(was, e)
}

// judgedAgain reports whether an evaluation judged all figures that were outside before.
func judgedAgain(was, now episode.Evaluation) bool {
	for _, before := range was.Judged {
		if before.Outside && !slices.ContainsFunc(now.Judged, func(j episode.JudgedFigure) bool {
			return j.Name == before.Name && j.WorsePercent != nil
		}) {
			return false
		}
	}
	return true
}
