package outcome

import (
	"math"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

const (
	// MinAccepted is how many accepted evaluations a prediction needs.
	MinAccepted = 5
	// MinSpread is the smallest spread of accepted evaluations that is believed while fewer
	// than [MinJobIDs] job ids are among them: one deployment hides how much deployments
	// differ. It is a standard deviation of logarithms, which is nearly a share.
	MinSpread = 0.03
	// MinJobIDs is how many deployments show how much deployments differ.
	MinJobIDs = 3
	// sameLoad is by how much the load of two measurements may differ, as a share.
	sameLoad = 0.2
)

// figure names one figure of an evaluation. worse is +1 if a higher value is worse, else -1.
type figureOf struct {
	name  string
	worse float64
	of    func(episode.EvaluationFigures) *float64
}

var evaluationFigures = []figureOf{
	{"throughput", -1, func(f episode.EvaluationFigures) *float64 { return f.Throughput }},
	{"latency_p99_seconds", +1, func(f episode.EvaluationFigures) *float64 { return f.LatencyP99 }},
	{"cpu_seconds_per_million", +1, func(f episode.EvaluationFigures) *float64 { return f.CPUPerMillion }},
}

// FiguresOf are the figures of a scale test, from the iterations that count.
func FiguresOf(test scalerun.Test) episode.EvaluationFigures {
	for _, s := range samples([]scalerun.Test{test}) {
		r := rowOf(s)
		return episode.EvaluationFigures{
			Throughput: r.Throughput, LatencyP99: r.LatencyP99, CPUPerMillion: r.CPUPerMillion,
		}
	}
	return episode.EvaluationFigures{}
}

// Judge compares an evaluation with the earlier ones of its job, newest first, and sets its
// verdict. Only accepted ones count that are like it: [comparable].
//
// A large regression is a value outside of the interval in which 95 of 100 further values
// lie ([stat.Predict] of logarithms), that is worse by percent on two figures, or by twice
// that on one.
func Judge(e *episode.Evaluation, earlier []episode.Evaluation, percent float64) {
	like := comparable(*e, earlier)
	e.Judged = []episode.JudgedFigure{}
	var worse []float64
	judged := 0
	for _, f := range evaluationFigures {
		value := f.of(e.Figures)
		if value == nil || !(*value > 0) {
			continue
		}
		j := f.judge(*value, like)
		e.Judged = append(e.Judged, j)
		if j.WorsePercent == nil {
			continue
		}
		if judged++; j.Outside {
			worse = append(worse, *j.WorsePercent)
		}
	}
	switch {
	case len(like) == 0:
		e.Verdict = episode.EvaluationNoBaseline
	case weighs(worse, percent) >= large:
		e.Verdict = episode.EvaluationRegression
	case judged == 0:
		e.Verdict = episode.EvaluationTooFew
	default:
		e.Verdict = episode.EvaluationFine
	}
}

// comparable are the accepted evaluations, newest first, that e is compared with: of the
// same job, kind and fingerprint, with the wanted label and about the same load, back to the
// last one that began anew.
func comparable(e episode.Evaluation, earlier []episode.Evaluation) (like []episode.Evaluation) {
	for _, old := range earlier {
		if old.ID >= e.ID || !old.Accepted || old.JobRef() != e.JobRef() || old.Kind != e.Kind ||
			old.Fingerprint != e.Fingerprint {
			continue
		}
		if (e.BaselineLabel == "" || old.Label == e.BaselineLabel) && similarLoad(old.Load, e.Load) {
			like = append(like, old)
		}
		if old.Fresh {
			break
		}
	}
	return like
}

// similarLoad reports whether two loads are alike. An unknown load is like another unknown
// one only.
func similarLoad(a, b *float64) bool {
	if a == nil || b == nil {
		return a == b
	}
	return math.Abs(*a-*b) <= sameLoad*max(*a, *b)
}

// judge compares one value with those of the accepted evaluations, newest first.
func (f figureOf) judge(value float64, accepted []episode.Evaluation) episode.JudgedFigure {
	j := episode.JudgedFigure{Name: f.name, Value: value}
	var logs []float64
	jobs := map[string]bool{}
	for _, e := range accepted {
		v := f.of(e.Figures)
		if v == nil || !(*v > 0) {
			continue
		}
		if j.Last == nil {
			j.Last = v
		}
		if e.JobID != "" {
			jobs[e.JobID] = true
		}
		logs = append(logs, math.Log(*v))
	}
	if j.Accepted = len(logs); j.Accepted < MinAccepted {
		return j
	}
	floor := 0.0
	if len(jobs) < MinJobIDs {
		floor = MinSpread
	}
	p, ok := stat.Predict(logs, alpha, floor)
	if !ok {
		return j
	}
	mean, low, high := math.Exp(p.Mean), math.Exp(p.Low), math.Exp(p.High)
	j.Expected, j.Low, j.High = &mean, &low, &high
	j.WorsePercent = new(100 * f.worse * (value/mean - 1))
	j.Outside = f.worse > 0 && value > high || f.worse < 0 && value < low
	return j
}
