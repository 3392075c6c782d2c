package episode

import "time"

// Evaluation is one turn of the loop on request: a measurement, profiles, advice, and the
// comparison with earlier evaluations that were accepted.
type Evaluation struct {
	// ID is a ULID, sorted by Began.
	ID string `json:"id"`
	// Label names what was evaluated, for example a version.
	Label   string `json:"label"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	// JobID is the id of the run, EpochKey the epoch; empty if unknown.
	JobID    string    `json:"job_id,omitempty"`
	EpochKey string    `json:"epoch_key,omitempty"`
	Began    time.Time `json:"began"`
	Ended    time.Time `json:"ended"`
	// Kind says what was measured.
	Kind EvaluationKind `json:"kind"`
	// Fingerprint is a hash of Environment: only evaluations with equal ones are compared.
	Fingerprint string            `json:"fingerprint"`
	Environment map[string]string `json:"environment"`
	Figures     EvaluationFigures `json:"figures"`
	// Load is the records per second that the job read meanwhile, where the evaluation did
	// not cause it; nil if unknown.
	Load *float64 `json:"load,omitempty"`
	// ScaleTest and Episode are ids; empty for none. The episode has profiles and advice.
	ScaleTest string `json:"scale_test,omitempty"`
	Episode   string `json:"episode,omitempty"`
	// Accepted evaluations are what later ones are compared with. Fresh is true if the
	// earlier ones do not count any more.
	Accepted bool `json:"accepted"`
	Fresh    bool `json:"fresh,omitempty"`
	// BaselineLabel restricts the comparison to accepted evaluations with this label; empty
	// for all.
	BaselineLabel string            `json:"baseline_label,omitempty"`
	Verdict       EvaluationVerdict `json:"verdict"`
	// Judged are the figures one by one.
	Judged []JudgedFigure `json:"judged"`
	// Notes say what is missing, each a sentence.
	Notes []string `json:"notes"`
	// Announced is the annotation of a large regression in Grafana; nil if there is none, or none yet.
	Announced *Announcement `json:"announced,omitempty"`
}

// JobRef names the job that was evaluated.
func (e Evaluation) JobRef() JobRef { return JobRef{e.Cluster, e.Job} }

// EvaluationKind says what an evaluation measured.
type EvaluationKind string

// The kinds of evaluations.
const (
	EvaluatedScaleTest EvaluationKind = "scaletest" // a bounded scale test
	EvaluatedProbe     EvaluationKind = "probe"     // one round of the probe
	EvaluatedProfile   EvaluationKind = "profile"   // profiles and advice alone
)

// EvaluationVerdict is the result of the comparison.
type EvaluationVerdict string

// The verdicts. Only a regression is a failure.
const (
	EvaluationNoBaseline EvaluationVerdict = "no baseline"
	EvaluationTooFew     EvaluationVerdict = "too few samples"
	EvaluationFine       EvaluationVerdict = "no large regression"
	EvaluationRegression EvaluationVerdict = "large regression"
)

// EvaluationFigures are what is compared; nil is unknown.
type EvaluationFigures struct {
	// Throughput is in records per second, as fast as possible; of a round of the probe it is the
	// capacity.
	Throughput *float64 `json:"throughput"`
	// LatencyP99 is that of the slowest sink.
	LatencyP99    *float64 `json:"latency_p99_seconds"`
	CPUPerMillion *float64 `json:"cpu_seconds_per_million"`
}

// JudgedFigure is one figure beside what was expected of it.
type JudgedFigure struct {
	// Name is "throughput", "latency_p99_seconds" or "cpu_seconds_per_million".
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	// Accepted is the number of accepted evaluations that have the figure. Last is the value
	// of the newest of them, nil without any.
	Accepted int      `json:"accepted"`
	Last     *float64 `json:"last"`
	// Expected is their geometric mean, Low and High the interval that 95 of 100 further
	// values lie in; nil with too few of them.
	Expected *float64 `json:"expected"`
	Low      *float64 `json:"low"`
	High     *float64 `json:"high"`
	// WorsePercent is by how much Value is worse than Expected; below 0 it is better.
	WorsePercent *float64 `json:"worse_percent"`
	// Outside is true if Value is outside of the interval on its worse side.
	Outside bool `json:"outside"`
}
