package outcome

import "github.com/flink-sidecar/flink-sidecar/internal/scalerun"

// Verdict says whether a change helped.
type Verdict string

// The verdicts. The baseline has none: "".
const (
	Better Verdict = "better"
	Worse  Verdict = "worse"
	// Unclear means: the interval contains 0, or the improvement is below
	// [SmallestChange].
	Unclear Verdict = "~"
	// TooFew means: fewer than [MinDeployments] on a side, so there is no interval.
	TooFew Verdict = "too few samples"
)

const (
	// MinDeployments is the number of deployments a side from which there is an interval.
	MinDeployments = 3
	// SmallestChange is the change in percent below which a verdict is [Unclear]: machines
	// of one type differ by as much.
	SmallestChange = 5
	// alpha is the probability that an interval misses the truth, and power the one with
	// which the minimum detectable change is found.
	alpha = 0.05
	power = 0.8
)

// Method is how an interval was computed.
type Method string

// The methods; "" where there is no interval.
const (
	Welch  Method = "welch"
	Paired Method = "paired"
)

// Table is the table "What changed?" of one run.
type Table struct {
	Run     string `json:"run"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	// Rows are in the order of the first test of each label, those of one shape together.
	Rows []Row `json:"rows"`
	// Warnings say what makes the comparison doubtful, or was left out.
	Warnings []string `json:"warnings"`
}

// Row is one label under one shape of load. A nil pointer is an unknown value. Percentages
// are changes: 0 is none, 100 is twice the throughput.
type Row struct {
	Change string `json:"change"`
	Shape  string `json:"shape"`
	// Baseline is true for the row that the others of its shape are compared with.
	Baseline bool `json:"baseline"`
	// Throughput is in records per second: the geometric mean over the deployments.
	Throughput *float64 `json:"throughput"`
	// Improvement is against the baseline, Step against the row before.
	Improvement *float64 `json:"improvement_percent"`
	Step        *float64 `json:"step_percent"`
	// Low and High are the 95 % interval of Improvement.
	Low     *float64 `json:"ci_low"`
	High    *float64 `json:"ci_high"`
	Verdict Verdict  `json:"verdict"`
	Method  Method   `json:"method"`
	// Detectable is the smallest improvement that as many deployments with as much spread
	// show in four of five experiments.
	Detectable *float64 `json:"minimum_detectable_percent"`
	// BetweenShare is the share of the variance of the iterations that comes from the
	// deployments, 0 to 1.
	BetweenShare *float64 `json:"between_deployments_share"`
	// LatencyP50 and LatencyP99 are those of the slowest sink, CPUPerMillion is the CPU time
	// of all TaskManagers for a million records: geometric means over the deployments.
	LatencyP50    *float64 `json:"latency_p50_seconds"`
	LatencyP99    *float64 `json:"latency_p99_seconds"`
	CPUPerMillion *float64 `json:"cpu_seconds_per_million"`
	// Deployments is nil for numbers that came without. Iterations are those that count.
	Deployments *int `json:"deployments"`
	Iterations  int  `json:"iterations"`
}

// Tests selects the tests of a run from those that next yields, newest first, and returns
// them oldest first. An empty run is that of the newest baseline that is not an evaluation's. Reading
// ends at the test that opened the run. It returns nothing if there is no such run.
func Tests(run string, next func(yield func(scalerun.Test) bool)) []scalerun.Test {
	var newer, found []scalerun.Test
	for t := range next {
		if run == "" {
			// The tests after the newest baseline are read before its run is known.
			newer = append(newer, t)
			if !t.Leads() {
				continue
			}
			found = only(newer, t)
			break
		}
		if t.Run == run && (len(found) == 0 || t.JobRef() == found[0].JobRef()) {
			found = append(found, t)
			if t.OpensRun {
				break
			}
		}
	}
	for i, j := 0, len(found)-1; i < j; i, j = i+1, j-1 {
		found[i], found[j] = found[j], found[i]
	}
	return found
}

// only returns the tests of the run that opening opened.
func only(tests []scalerun.Test, opening scalerun.Test) (of []scalerun.Test) {
	for _, t := range tests {
		if t.Run == opening.Run && t.JobRef() == opening.JobRef() {
			of = append(of, t)
		}
	}
	return of
}
