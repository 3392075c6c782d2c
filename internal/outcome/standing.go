package outcome

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Regression is a large regression of a job that is not over.
type Regression struct {
	// Evaluation is the newest one that shows it, Since is when the first of them began.
	Evaluation episode.Evaluation
	Since      time.Time
}

// Standing returns the large regression that the evaluations of one job show, newest first;
// nil if there is none. It is over after an evaluation that finds no large regression, or
// after one that a person accepted as a fresh beginning. One that could not be judged says
// nothing.
func Standing(evaluations []episode.Evaluation) *Regression {
	var found *Regression
	for _, e := range evaluations {
		switch {
		case e.Verdict == episode.EvaluationFine || e.Fresh:
			return found
		case e.Verdict == episode.EvaluationRegression && found == nil:
			found = &Regression{Evaluation: e, Since: e.Began}
		case e.Verdict == episode.EvaluationRegression:
			found.Since = e.Began
		}
	}
	return found
}
