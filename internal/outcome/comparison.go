package outcome

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// LargeRegression is the loss of throughput in percent from which a comparison is a large
// regression, if its verdict is [Worse] too. It is twice [SmallestChange], so that a pull
// request does not fail for what two machines of one type may differ by. It is less than what an
// evaluation needs: several deployments a side prove more than one evaluation.
const LargeRegression = 10

// Comparison compares two labels of one run.
type Comparison struct {
	Run     string `json:"run"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	Base    string `json:"base"`
	New     string `json:"new"`
	// LargeRegression is true if it is one under any shape of load, see [Compare].
	LargeRegression bool `json:"large_regression"`
	// Shapes are those under which both labels were measured, never empty.
	Shapes []ShapeComparison `json:"shapes"`
	// Environment is what differs besides the label.
	Environment []Difference `json:"environment"`
	// Warnings say what was left out.
	Warnings []string `json:"warnings"`
}

// ShapeComparison compares two labels under one shape of load. A nil pointer is an unknown
// value, as in [Row].
type ShapeComparison struct {
	Shape           string  `json:"shape"`
	Verdict         Verdict `json:"verdict"`
	LargeRegression bool    `json:"large_regression"`
	// Throughput is in records per second. Low and High are the 95 % interval of its change.
	Throughput Figure   `json:"throughput"`
	Low        *float64 `json:"ci_low"`
	High       *float64 `json:"ci_high"`
	Method     Method   `json:"method"`
	Detectable *float64 `json:"minimum_detectable_percent"`
	// Less of these is better.
	LatencyP50    Judged `json:"latency_p50_seconds"`
	LatencyP99    Judged `json:"latency_p99_seconds"`
	CPUPerMillion Judged `json:"cpu_seconds_per_million"`
	// Deployments and Iterations count what enters the figures.
	Deployments Figure `json:"deployments"`
	Iterations  Figure `json:"iterations"`
}

// Judged is a figure with the interval of its change, from the same statistics as those of the
// throughput. The verdict is empty if a side is unknown.
type Judged struct {
	Figure
	Low        *float64 `json:"ci_low"`
	High       *float64 `json:"ci_high"`
	Method     Method   `json:"method"`
	Verdict    Verdict  `json:"verdict"`
	Detectable *float64 `json:"minimum_detectable_percent"`
}

// Figure is one number of both labels; nil is unknown.
type Figure struct {
	Base *float64 `json:"base"`
	New  *float64 `json:"new"`
	// Change is in percent of Base; nil if a side is unknown, or Base is 0.
	Change *float64 `json:"change_percent"`
}

// Difference is a part of the environment that differs. The values are those of all tests
// that count.
type Difference struct {
	Name string   `json:"name"`
	Base []string `json:"base"`
	New  []string `json:"new"`
}

// Compare compares two labels of one run, whose tests are oldest first as [Tests] returns
// them. The error says which labels there are, or that nothing can be compared.
//
// A large regression has the verdict [Worse] on what counts: a throughput that is lower by
// [LargeRegression] or, as with [Judge], two of throughput, p99 and CPU time that are worse by percent,
// or one by twice that.
func Compare(tests []scalerun.Test, base, changed string, percent float64) (Comparison, error) {
	if err := checkLabels(tests, base, changed); err != nil {
		return Comparison{}, err
	}
	var of []scalerun.Test
	for _, t := range tests {
		if t.Label == base || t.Label == changed {
			of = append(of, t)
		}
	}
	c := Comparison{
		Run: of[0].Run, Cluster: of[0].Cluster, Job: of[0].Job, Base: base, New: changed, Warnings: leftOut(of),
		Environment: differences(environments(of, base), environments(of, changed)),
	}
	for shape, pair := range byShape(samples(of), base) {
		if pair[0] == nil || pair[1] == nil {
			c.Warnings = append(c.Warnings, fmt.Sprintf("only one of the labels has tests of shape %q "+
				"(test both alike)", shape))
			continue
		}
		if one := compareShape(shape, pair[0], pair[1], percent); one.Throughput.Change != nil {
			c.Shapes = append(c.Shapes, one)
			c.LargeRegression = c.LargeRegression || one.LargeRegression
			if one.Low != nil && *one.Low == *one.High {
				c.Warnings = append(c.Warnings, "all deployments have the same value (check that each was measured)")
			}
		}
	}
	if len(c.Shapes) == 0 {
		return c, fmt.Errorf("%q and %q cannot be compared: there is no shape of load under which both have an iteration "+
			"that counts (sidecar history table shows what counts)", base, changed)
	}
	slices.SortFunc(c.Shapes, func(a, b ShapeComparison) int { return strings.Compare(a.Shape, b.Shape) })
	slices.Sort(c.Warnings)
	return c, nil
}

// checkLabels refuses labels that the run does not have.
func checkLabels(tests []scalerun.Test, base, changed string) error {
	var labels []string
	for _, t := range tests {
		if quoted := strconv.Quote(t.Label); !slices.Contains(labels, quoted) {
			labels = append(labels, quoted)
		}
	}
	for _, label := range []string{base, changed} {
		if !slices.Contains(labels, strconv.Quote(label)) {
			return fmt.Errorf("the run has no label %q (it has %s; --run names another run)", label,
				strings.Join(labels, ", "))
		}
	}
	if base == changed {
		return fmt.Errorf("%q is compared with itself (name two labels)", base)
	}
	return nil
}

// byShape pairs the samples of each shape, that of base first; nil where there is none.
func byShape(all []*sample, base string) map[string][2]*sample {
	pairs := map[string][2]*sample{}
	for _, s := range all {
		pair := pairs[s.shape]
		if s.label == base {
			pair[0] = s
		} else {
			pair[1] = s
		}
		pairs[s.shape] = pair
	}
	return pairs
}

func compareShape(shape string, base, changed *sample, percent float64) ShapeComparison {
	from, to := rowOf(base), compare(base, base, changed)
	c := ShapeComparison{
		Shape: shape, Verdict: to.Verdict, Low: to.Low, High: to.High, Method: to.Method, Detectable: to.Detectable,
		Throughput:    Figure{from.Throughput, to.Throughput, to.Improvement},
		LatencyP50:    judged(latencyP50, base, changed),
		LatencyP99:    judged(latencyP99, base, changed),
		CPUPerMillion: judged(cpuPerMillion, base, changed),
		Deployments:   Figure{Base: count(from.Deployments), New: count(to.Deployments)},
		Iterations:    Figure{Base: count(&from.Iterations), New: count(&to.Iterations)},
	}
	c.LargeRegression = c.Verdict == Worse && *to.Improvement <= -LargeRegression || weighs(c.lost(), percent) >= large
	return c
}

// lost is by how many percent each figure is worse for sure.
func (c ShapeComparison) lost() (percent []float64) {
	if c.Verdict == Worse {
		percent = append(percent, -*c.Throughput.Change)
	}
	for _, j := range []Judged{c.LatencyP99, c.CPUPerMillion} {
		if j.Verdict == Worse {
			percent = append(percent, *j.Change)
		}
	}
	return percent
}

// large is what figures weigh together that are a large regression.
const large = 2

// weighs adds up figures that are worse for sure: one that is worse by percent weighs half as much as
// one by twice that.
func weighs(worse []float64, percent float64) (weight int) {
	for _, by := range worse {
		if by >= percent {
			weight++
		}
		if by >= 2*percent {
			weight++
		}
	}
	return weight
}

func figure(base, changed *float64) Figure {
	f := Figure{Base: base, New: changed}
	if base != nil && changed != nil && *base > 0 {
		f.Change = new((*changed/(*base) - 1) * 100)
	}
	return f
}

// judged compares a measure of which less is better.
func judged(of measure, base, changed *sample) Judged {
	j := Judged{Figure: figure(base.mean(of), changed.mean(of))}
	if j.Change == nil {
		return j
	}
	j.Verdict = TooFew
	d, method, ok := interval(of, base, changed)
	if !ok {
		return j
	}
	j.Method, j.Low, j.High = method, new(stat.Percent(d.Low)), new(stat.Percent(d.High))
	j.Detectable = new(stat.Percent(d.Detectable(alpha, power)))
	j.Verdict = verdict(-*j.Change, -*j.High, -*j.Low)
	return j
}

func count(n *int) *float64 {
	if n == nil {
		return nil
	}
	return new(float64(*n))
}

// environments are the values of each part of the environment in the tests of a label that
// count, in order and each once.
func environments(tests []scalerun.Test, label string) map[string][]string {
	values := map[string][]string{}
	for _, t := range tests {
		if t.Label != label || t.Verdict != scalerun.OK {
			continue
		}
		for name, value := range t.Environment {
			values[name] = append(values[name], value)
		}
		values["payload seed"] = append(values["payload seed"], strconv.FormatUint(t.PayloadSeed, 10))
	}
	for name := range values {
		slices.Sort(values[name])
		values[name] = slices.Compact(values[name])
	}
	return values
}

// differences are the parts that are known of both sides and differ, by name. Each test knows all of
// its sinks, so one that only one side has differs too.
func differences(base, changed map[string][]string) []Difference {
	out := []Difference{}
	sinks := hasSinks(base) && hasSinks(changed)
	for name, was := range base {
		is, known := changed[name]
		if !known && sinks && strings.HasPrefix(name, scalerun.SinkFact) {
			is, known = []string{noSink}, true
		}
		if known && !slices.Equal(was, is) {
			out = append(out, Difference{name, was, is})
		}
	}
	for name, is := range changed {
		if _, known := base[name]; !known && sinks && strings.HasPrefix(name, scalerun.SinkFact) {
			out = append(out, Difference{name, []string{noSink}, is})
		}
	}
	slices.SortFunc(out, func(a, b Difference) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// noSink stands for a sink that a side does not have.
const noSink = "none"

func hasSinks(environment map[string][]string) bool {
	for name := range environment {
		if strings.HasPrefix(name, scalerun.SinkFact) {
			return true
		}
	}
	return false
}
