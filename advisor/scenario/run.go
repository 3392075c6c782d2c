package scenario

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Result are the scores of all scenarios by one adviser.
type Result struct {
	// Model is the model of the LLM; empty for the rules alone.
	Model   string  `json:"model,omitempty"`
	Scores  []Score `json:"scenarios"`
	Summary Summary `json:"summary"`
}

// Summary counts over all scores.
type Summary struct {
	Faults  int `json:"faults"`
	Healthy int `json:"healthy"`
	// Passed and Applied count the checks by name: how many scenarios passed it, of how
	// many it applied to.
	Passed  map[string]int `json:"passed"`
	Applied map[string]int `json:"applied"`
	// PlantedFirst counts faults whose first finding has the category of the planted one, and
	// not of another true cause.
	PlantedFirst int `json:"planted_first"`
	// AllTrue counts faults of which every check passed.
	AllTrue int `json:"all_true"`
	// Recounted counts numbers that were counted again, Wrong those that were wrong.
	Recounted int `json:"recounted"`
	Wrong     int `json:"wrong"`
	// KnownMisses and Surprises count checks.
	KnownMisses int `json:"known_misses"`
	Surprises   int `json:"surprises"`
	// Brier is the mean square of the difference between the confidence of the first
	// finding and its truth, over faults that have a finding: 0 is perfect, 0.25 a coin.
	Brier float64 `json:"brier"`
	// RightConfidence and WrongConfidence are the mean confidence of first findings with
	// the right and with a wrong category; 0 if there are none.
	RightConfidence float64 `json:"right_confidence"`
	WrongConfidence float64 `json:"wrong_confidence"`
}

// Run lets advise judge each scenario, and scores what it says.
func Run(scenarios []Scenario, advise func(evidence.Bundle) episode.Advice) Result {
	var r Result
	for _, sc := range scenarios {
		r.Scores = append(r.Scores, score(sc, advise(sc.Bundle)))
	}
	r.Summary = summarize(r.Scores)
	return r
}

func summarize(scores []Score) Summary {
	s := Summary{Passed: map[string]int{}, Applied: map[string]int{}}
	for _, score := range scores {
		s.add(score)
	}
	s.calibrate(scores)
	return s
}

func (s *Summary) add(score Score) {
	for _, check := range Checks() {
		_, failed := score.Failed[check]
		passed := slices.Contains(score.Passed, check)
		if passed {
			s.Passed[check]++
		}
		if passed || failed {
			s.Applied[check]++
		}
	}
	if score.Healthy {
		s.Healthy++
	} else {
		s.Faults++
		if score.PlantedFirst {
			s.PlantedFirst++
		}
		if len(score.Failed) == 0 {
			s.AllTrue++
		}
	}
	s.Recounted += score.Numbers.Recounted
	s.Wrong += len(score.Numbers.Wrong)
	s.KnownMisses += len(score.KnownMisses)
	s.Surprises += len(score.Surprises())
}

// calibrate compares the confidence of first findings with their truth.
func (s *Summary) calibrate(scores []Score) {
	var right, wrong []float64
	for _, score := range scores {
		switch {
		case score.Healthy || len(score.Findings) == 0:
		case slices.Contains(score.Passed, First):
			right = append(right, score.Confidence)
		default:
			wrong = append(wrong, score.Confidence)
		}
	}
	var squares float64
	for _, c := range right {
		squares += (1 - c) * (1 - c)
	}
	for _, c := range wrong {
		squares += c * c
	}
	if n := len(right) + len(wrong); n > 0 {
		s.Brier = squares / float64(n)
	}
	s.RightConfidence, s.WrongConfidence = mean(right), mean(wrong)
}

func mean(values []float64) float64 {
	if len(values) == 0 {
		return 0
	}
	var sum float64
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
