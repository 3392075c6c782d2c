package outcome_test

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// evaluated is the nth evaluation, on a deployment of its own.
func evaluated(n int, throughput, p99, cpu float64) episode.Evaluation {
	return episode.Evaluation{
		ID: fmt.Sprintf("%026d", n), Label: "nightly", Cluster: "lab", Job: "orders", JobID: fmt.Sprint(n),
		Kind: episode.EvaluatedScaleTest, Fingerprint: "f", Accepted: true,
		Figures: episode.EvaluationFigures{Throughput: &throughput, LatencyP99: &p99, CPUPerMillion: &cpu},
	}
}

// accepted are n accepted evaluations, newest first, within two percent of 100, 1 and 10.
func accepted(n int) (out []episode.Evaluation) {
	for i := range n {
		wave := 1 + 0.02*math.Sin(float64(i))
		out = append(out, evaluated(n-i, 100*wave, 1*wave, 10*wave))
	}
	return out
}

func judged(e episode.Evaluation, earlier []episode.Evaluation) episode.Evaluation {
	outcome.Judge(&e, earlier, 20)
	return e
}

func TestVerdictsOfEvaluations(t *testing.T) {
	for _, test := range []struct {
		name                 string
		throughput, p99, cpu float64
		earlier              int
		want                 episode.EvaluationVerdict
	}{
		{"first of all", 100, 1, 10, 0, episode.EvaluationNoBaseline},
		{"four are too few, however bad", 10, 10, 100, 4, episode.EvaluationTooFew},
		{"as before", 100, 1, 10, 5, episode.EvaluationFine},
		{"better", 300, 0.2, 2, 5, episode.EvaluationFine},
		{"one figure is worse by less than twice 20 %", 65, 1, 10, 5, episode.EvaluationFine},
		{"two figures are worse by 20 %", 78, 1.25, 10, 5, episode.EvaluationRegression},
		{"one figure is worse by twice 20 %", 100, 1.5, 10, 5, episode.EvaluationRegression},
		{"the throughput alone", 55, 1, 10, 5, episode.EvaluationRegression},
		{"a little worse everywhere", 90, 1.1, 11, 5, episode.EvaluationFine},
	} {
		got := judged(evaluated(99, test.throughput, test.p99, test.cpu), accepted(test.earlier))
		require.Equal(t, test.want, got.Verdict, test.name)
	}
}

// TestNoisyBaselinesFindNoRegression: what is far from the mean is no regression where
// accepted values are as far apart.
func TestNoisyBaselinesFindNoRegression(t *testing.T) {
	var earlier []episode.Evaluation
	for i, v := range []float64{60, 170, 90, 130, 100} {
		earlier = append(earlier, evaluated(i, v, 1/v, 10))
	}
	got := judged(evaluated(99, 55, 1/55., 10), earlier)
	require.Equal(t, episode.EvaluationFine, got.Verdict)
	require.False(t, got.Judged[0].Outside)
}

// TestSpreadOfOneDeploymentIsNotBelieved: with fewer than three job ids the spread is 3 % at
// least, so that 5 % off equal values stays inside.
func TestSpreadOfOneDeploymentIsNotBelieved(t *testing.T) {
	require.Equal(t, 3, outcome.MinJobIDs)
	require.InDelta(t, 0.03, outcome.MinSpread, 0)
	require.Equal(t, 5, outcome.MinAccepted)
	for jobs, outside := range map[int]bool{1: false, 2: false, 3: true} {
		var earlier []episode.Evaluation
		for i := range 5 {
			e := evaluated(i, 100, 1, 10)
			e.JobID = fmt.Sprint(i % jobs)
			earlier = append(earlier, e)
		}
		require.Equal(t, outside, judged(evaluated(99, 95, 1, 10), earlier).Judged[0].Outside, jobs)
	}
}

// TestOnlyLikeIsComparedWithLike: each of these differs in one thing from the evaluation.
func TestOnlyLikeIsComparedWithLike(t *testing.T) {
	load, other := 100.0, 130.0
	for name, change := range map[string]func(*episode.Evaluation){
		"not accepted":      func(e *episode.Evaluation) { e.Accepted = false },
		"other job":         func(e *episode.Evaluation) { e.Job = "billing" },
		"other cluster":     func(e *episode.Evaluation) { e.Cluster = "prod" },
		"other environment": func(e *episode.Evaluation) { e.Fingerprint = "g" },
		"other kind":        func(e *episode.Evaluation) { e.Kind = episode.EvaluatedProbe },
		"other load":        func(e *episode.Evaluation) { e.Load = &other },
		"unknown load":      func(e *episode.Evaluation) { e.Load = nil },
		"later":             func(e *episode.Evaluation) { e.ID = "Z" },
	} {
		earlier := accepted(5)
		for i := range earlier {
			earlier[i].Load = &load
			change(&earlier[i])
		}
		e := evaluated(99, 10, 10, 100)
		e.Load = &load
		require.Equal(t, episode.EvaluationNoBaseline, judged(e, earlier).Verdict, name)
	}
}

func TestBaselineLabelAndFreshBeginning(t *testing.T) {
	earlier := accepted(7)
	e := evaluated(99, 50, 1, 10)
	e.BaselineLabel = "release"
	require.Equal(t, episode.EvaluationNoBaseline, judged(e, earlier).Verdict)
	earlier[6].Label = "release"
	require.Equal(t, episode.EvaluationTooFew, judged(e, earlier).Verdict)

	earlier[1].Fresh = true
	got := judged(evaluated(99, 50, 1, 10), earlier)
	require.Equal(t, episode.EvaluationTooFew, got.Verdict)
	require.Equal(t, 2, got.Judged[0].Accepted)
}

// TestUnknownFiguresAreNotJudged: a figure that is unknown, or not above 0, is no regression.
func TestUnknownFiguresAreNotJudged(t *testing.T) {
	e := evaluated(99, 0, 1, 10)
	e.Figures.LatencyP99, e.Figures.CPUPerMillion = nil, nil
	got := judged(e, accepted(5))
	require.Empty(t, got.Judged)
	require.Equal(t, episode.EvaluationTooFew, got.Verdict)
}

// TestFalseRegressionsAreRare evaluates unchanged software a thousand times, with 8 % noise on
// every figure.
func TestFalseRegressionsAreRare(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	draw := func(n int) episode.Evaluation {
		noise := func(v float64) float64 { return v * math.Exp(0.08*random.NormFloat64()) }
		return evaluated(n, noise(100), noise(1), noise(10))
	}
	alarms := 0
	for range 1000 {
		var earlier []episode.Evaluation
		for n := range 5 {
			earlier = append(earlier, draw(n))
		}
		if judged(draw(99), earlier).Verdict == episode.EvaluationRegression {
			alarms++
		}
	}
	require.LessOrEqual(t, alarms, 5)
}

func TestEvaluationForReaders(t *testing.T) {
	e := judged(evaluated(99, 55, 1.5, 10), accepted(5))
	e.Label, e.Notes = "a|b\n<i>", []string{"the LLM is paused (sidecar resume llm)"}
	var text, markdown bytes.Buffer
	require.NoError(t, outcome.EvaluationText(&text, e))
	require.NoError(t, outcome.EvaluationMarkdown(&markdown, e))
	require.Contains(t, text.String(), "large regression")
	require.Contains(t, text.String(), "outside")
	require.Contains(t, text.String(), "the LLM is paused")
	require.NotContains(t, markdown.String(), "<i>")
	require.NotContains(t, markdown.String(), "a|b")

	text.Reset()
	first := judged(evaluated(1, 1, 1, 1), nil)
	first.Accepted = false
	require.NoError(t, outcome.EvaluationText(&text, first))
	require.Contains(t, text.String(), "no baseline: no accepted evaluation is like this one (accept one")
	require.NotContains(t, text.String(), "accepted: later")

	text.Reset()
	first.Accepted = true
	require.NoError(t, outcome.EvaluationText(&text, first))
	require.Contains(t, text.String(), "no baseline: this is the first accepted evaluation of its kind.")
	require.Contains(t, text.String(), "accepted: later evaluations are compared with this one.")

	text.Reset()
	first.BaselineLabel = "mian"
	require.NoError(t, outcome.EvaluationText(&text, first))
	require.Contains(t, text.String(), `no baseline: no accepted evaluation with the label "mian" is like this one.`)
	require.NotContains(t, text.String(), "first accepted")
}

func TestFiguresOfAScaleTest(t *testing.T) {
	f := outcome.FiguresOf(own(1, "a", "job", 0, 100))
	require.InDelta(t, 100, *f.Throughput, 1e-9)
	require.InDelta(t, 1, *f.LatencyP99, 1e-9)
	require.NotNil(t, f.CPUPerMillion)
	require.Equal(t, episode.EvaluationFigures{}, outcome.FiguresOf(scalerun.Test{}))
}

func TestEvaluateSection(t *testing.T) {
	require.Empty(t, outcome.DefaultConfig().Validate())
	require.Len(t, outcome.Config{}.Validate(), 5)
	require.Len(t, outcome.Config{
		RegressionPercent: math.NaN(), Iterations: 1, MaxRecords: 1,
		Repeat: outcome.DefaultConfig().Repeat, Block: outcome.DefaultConfig().Block,
	}.Validate(), 1)
}

// TestAThroughputAloneCanBeALargeRegression: at the largest permitted percentage a job that does nothing
// any more is one, and above it the section is refused with a reason.
func TestAThroughputAloneCanBeALargeRegression(t *testing.T) {
	cfg := outcome.DefaultConfig()
	cfg.RegressionPercent = 49.9
	require.Empty(t, cfg.Validate())
	stopped := evaluated(99, 0.01, 1, 10)
	outcome.Judge(&stopped, accepted(5), cfg.RegressionPercent)
	require.Equal(t, episode.EvaluationRegression, stopped.Verdict)
	for _, percent := range []float64{50, 99, 4.9} {
		cfg.RegressionPercent = percent
		faults := cfg.Validate()
		require.Len(t, faults, 1)
		require.Contains(t, faults[0].Error(), "is not from 5 to below 50")
	}
}
