package web

import (
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	whatchanged "github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// evaluationsShown is how many of the newest evaluations are on the page.
const evaluationsShown = 20

// evaluationRow is an evaluation, in words.
type evaluationRow struct{ episode.Evaluation }

// Mood is the style of the verdict.
func (r evaluationRow) Mood() string {
	switch r.Verdict {
	case episode.EvaluationRegression:
		return "bad"
	case episode.EvaluationFine:
		return "good"
	case episode.EvaluationNoBaseline, episode.EvaluationTooFew:
	}
	return ""
}

// Worst is the figure that is worst beside what was expected; empty if none was judged.
func (r evaluationRow) Worst() string {
	text, worst := "", 0.0
	for _, j := range r.Judged {
		if j.WorsePercent != nil && (text == "" || *j.WorsePercent > worst) {
			worst = *j.WorsePercent
			text = whatchanged.FigureName(j.Name) + " worse by " + change(worst)
		}
	}
	return text
}
