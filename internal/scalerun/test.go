package scalerun

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Verdict says whether the numbers of a scale test may be used.
type Verdict string

const (
	// OK means: every record was sent and is visible in every sink.
	OK Verdict = "ok"
	// Void means: records were not sent as planned, or were lost. The numbers describe
	// something else than the plan.
	Void Verdict = "void"
	// Aborted means: the test did not come to its end. It is the verdict of a test that is
	// under way too, so that a test whose process was killed says the truth.
	Aborted Verdict = "aborted"
)

// OfEvaluations is the run of the scale tests of evaluations. Its tests have one iteration count and
// one payload, so no test of a person joins it without naming it.
const OfEvaluations = "evaluations"

// DeployWithin bounds how long a series of scale tests waits for the next deployment.
const DeployWithin = time.Hour

// Test is one call of the repeatable scale test: iterations of one label on one
// deployment of a job.
type Test struct {
	// ID is a ULID.
	ID string `json:"id"`
	// Run names the series of tests that are compared with one baseline.
	Run string `json:"run"`
	// Label names the change that is tested. Baseline is true if it is the label of the
	// run's baseline, OpensRun if this test was the first of the run.
	Label    string `json:"label"`
	Baseline bool   `json:"baseline"`
	OpensRun bool   `json:"opens_run,omitempty"`

	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	// Deployment is the id of the job: the same label on another id is another deployment.
	Deployment string `json:"deployment"`
	// EpochKey is the epoch of the job, empty if unknown.
	EpochKey string `json:"epoch_key,omitempty"`

	Began time.Time `json:"began"`
	Ended time.Time `json:"ended,omitzero"`
	// Rate is the planned records per second; 0 is as fast as possible. Shape is how the
	// rate changes: "steady", "peak" or "ramp".
	Rate  float64 `json:"rate"`
	Shape string  `json:"shape"`
	// PayloadSeed fixes the payloads; 0 means that it was not given.
	PayloadSeed uint64 `json:"payload_seed,omitempty"`

	Verdict Verdict `json:"verdict"`
	// Reason says why the verdict is not ok; empty if it is.
	Reason string `json:"reason,omitempty"`
	// Environment holds what must be equal for a fair comparison, by name.
	Environment map[string]string `json:"environment"`
	Iterations  []Iteration       `json:"iterations"`
	Throughput  Throughput        `json:"throughput"`
	// Sustainable is nil unless the test searched for the sustainable rate.
	Sustainable *Sustainable `json:"sustainable"`
	Warnings    []string     `json:"warnings"`
	// WarmUpRule says in words which iterations are marked as warm-up.
	WarmUpRule string `json:"warm_up_rule,omitempty"`
	// Profiled is nil unless profiles were taken.
	Profiled *Profiled `json:"profiled,omitempty"`
	// Imported is nil for a test that the sidecar ran itself.
	Imported *Import `json:"imported,omitempty"`
}

// Profiled are the profiles of a scale test, and what they cost.
type Profiled struct {
	// Episode is the id of the episode that has the profiles, their measurement and, if it
	// was asked for, the advice.
	Episode string `json:"episode"`
	// Profiles are the ids of the profiles; Modes are theirs, in the same order.
	Profiles []string `json:"profiles"`
	Modes    []string `json:"modes"`
	// Iteration is the one in whose steady part they were taken. Measured is true if that
	// iteration is a measured one.
	Iteration int  `json:"iteration"`
	Measured  bool `json:"measured,omitempty"`
	// Cost is the share of the throughput that the iteration lost against the others that
	// count; below 0 it was faster. Nil if unknown.
	Cost *float64 `json:"cost_ratio"`
}

// Import says what is known of numbers that were measured elsewhere.
type Import struct {
	// Deployment is the place of the deployment in the order of its label, from 1; 0 if the
	// numbers came without deployments.
	Deployment int `json:"deployment"`
	// Paired is true if the deployments of all labels belong together in their order.
	Paired bool `json:"paired"`
}

// SustainableRate is the highest input that a finished search found between two trials, in records
// per second: that of the test and what the job read besides. It is nil if there is none.
func (t Test) SustainableRate() *float64 {
	if t.Verdict != OK || t.Sustainable == nil || t.Sustainable.Verdict != Sustained {
		return nil
	}
	return t.Sustainable.Total()
}

// Total is Rate with Beside, in records per second; nil without a rate.
func (s Sustainable) Total() *float64 {
	if s.Rate == nil || s.Beside == nil {
		return s.Rate
	}
	total := *s.Rate + *s.Beside
	return &total
}

// JobRef names the job that was tested.
func (t Test) JobRef() episode.JobRef { return episode.JobRef{Cluster: t.Cluster, Job: t.Job} }

// Worked is when the test was last seen at work: its end or, if it has none, the beginning of its
// last iteration.
func (t Test) Worked() time.Time {
	switch n := len(t.Iterations); {
	case !t.Ended.IsZero():
		return t.Ended
	case n > 0 && t.Iterations[n-1].Started.After(t.Began):
		return t.Iterations[n-1].Started
	}
	return t.Began
}

// Leads reports whether the test opens a run that is meant where no run is named: that of an
// evaluation is not.
func (t Test) Leads() bool { return t.OpensRun && t.Run != OfEvaluations }

// Throughput summarizes the counted iterations in records per second: the geometric
// mean and the extremes. All are nil if there is no iteration to count.
type Throughput struct {
	Value *float64 `json:"value"`
	Low   *float64 `json:"low"`
	High  *float64 `json:"high"`
}

// Iteration is one iteration. A nil pointer is an unknown value.
//
//	intended = sent + produce_failed + not_sent
type Iteration struct {
	// Iteration counts from 1.
	Iteration int `json:"iteration"`
	// Seed is the common part of the seeds of all records; it is never used again.
	Seed    string    `json:"seed"`
	Started time.Time `json:"started"`
	// WarmUp is true if the iteration belongs to the start of the job.
	WarmUp bool `json:"warm_up"`

	Intended int64 `json:"intended"`
	// Sent are the records that Kafka acknowledged, NotSent those that were never handed
	// to the producer.
	Sent          int64 `json:"sent"`
	NotSent       int64 `json:"not_sent"`
	ProduceFailed int64 `json:"produce_failed"`
	// Lost are the sent records that are missing in at least one sink.
	Lost int64 `json:"lost"`
	// Duplicates and Reordered are sums over the sinks. A record is reordered if it
	// appears in a partition after a later record of its source partition.
	Duplicates int64 `json:"duplicates"`
	Reordered  int64 `json:"reordered"`

	// ToKafkaSeconds is the time from the first send to the last acknowledgement,
	// ToAllSinksSeconds from the first send until every record is visible in every sink.
	ToKafkaSeconds    *float64 `json:"to_kafka_seconds"`
	ToAllSinksSeconds *float64 `json:"to_all_sinks_seconds"`
	// Throughput is the number of records that all sinks show, divided by
	// ToAllSinksSeconds.
	Throughput *float64 `json:"throughput"`
	// SlowestSink names the sink that showed the last record.
	SlowestSink string `json:"slowest_sink,omitempty"`
	// PublishDelay is the time from the planned send to the real one.
	PublishDelay Delay           `json:"publish_delay_seconds"`
	Sinks        map[string]Sink `json:"sinks"`
	// PayloadBytes is the sum of the records' values.
	PayloadBytes int64 `json:"payload_bytes"`
	// CPUPerMillion is the CPU time of all TaskManagers for a million records, in seconds.
	CPUPerMillion *float64 `json:"cpu_seconds_per_million"`
	// Checkpoints is the number of checkpoints that completed meanwhile.
	Checkpoints *int `json:"checkpoints"`
	// Backpressure is the share of time of the most backpressured vertex, as Flink reported
	// it last while records were under way: a mean over about a minute.
	Backpressure *float64 `json:"backpressured_ratio"`
	// GCSeconds is the time in which garbage collection stopped the TaskManagers, summed.
	GCSeconds *float64 `json:"gc_seconds"`
	// ExchangedBytes are the bytes that the tasks of the job sent to each other.
	ExchangedBytes *float64 `json:"exchanged_bytes"`
	// Flags are the reasons why the iteration does not count, Notes are other remarks.
	Flags []string `json:"flags"`
	Notes []string `json:"notes"`
}

// Counts reports whether an iteration enters the results.
func (i Iteration) Counts() bool { return !i.WarmUp && len(i.Flags) == 0 && i.Throughput != nil }

// Delay summarizes the delays of sending in seconds.
type Delay struct {
	P50 *float64 `json:"p50"`
	P99 *float64 `json:"p99"`
	Max *float64 `json:"max"`
}

// Sink is the result of one iteration at one sink.
type Sink struct {
	// Seen is the number of records that the sink shows; a duplicate counts once.
	Seen       int64 `json:"seen"`
	Lost       int64 `json:"lost"`
	Duplicates int64 `json:"duplicates"`
	Reordered  int64 `json:"reordered"`
	// ToAllSeconds is the time from the first send until the last record was visible.
	ToAllSeconds *float64 `json:"to_all_seconds"`
	Throughput   *float64 `json:"throughput"`
	// Latency counts from the planned send until a record was visible, by our own clock.
	Latency Latency `json:"latency_seconds"`
	// Stamps is the time between the two stamps in the documents, as Elasticsearch
	// aggregates it; nil if the sink has no stamps.
	Stamps *Latency `json:"stamps_seconds,omitempty"`
	// Ingested and Indexed are the times from the planned send to a stamp. They compare
	// clocks of different machines: see ClockOffset. Nil without stamps.
	Ingested *Latency `json:"ingested_seconds,omitempty"`
	Indexed  *Latency `json:"indexed_seconds,omitempty"`
	// ClockOffset bounds how far the clock of the stamps is ahead of ours; nil if unknown.
	ClockOffset *ClockOffset `json:"clock_offset_seconds,omitempty"`
}

// Latency summarizes latencies in seconds.
type Latency struct {
	Min  *float64 `json:"min"`
	Mean *float64 `json:"mean"`
	P50  *float64 `json:"p50"`
	P90  *float64 `json:"p90"`
	P99  *float64 `json:"p99"`
	Max  *float64 `json:"max"`
}

// ClockOffset are the bounds of a difference of two clocks in seconds. The true value is
// between them, because a record cannot be stamped before it was sent, or after it was
// seen.
type ClockOffset struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// SustainVerdict is the answer of one trial, and of a search for the sustainable rate.
type SustainVerdict string

const (
	// Sustained means: the backlog does not grow at this rate.
	Sustained SustainVerdict = "sustained"
	// NotSustained means: the backlog grows.
	NotSustained SustainVerdict = "not sustained"
	// GeneratorLimited means: the records were not sent at this rate, so nothing is known about
	// the job.
	GeneratorLimited SustainVerdict = "generator-limited"
	// Undecided means: the noise is too large for the duration of the trial.
	Undecided SustainVerdict = "undecided"
)

// Sustainable is the highest rate that a job sustains.
type Sustainable struct {
	// Rate is in records per second; nil if no rate was sustained. Unless the verdict is
	// [Sustained], it is only a lower bound.
	Rate *float64 `json:"rate"`
	// NextRate is the lowest rate that was tried and not certainly sustained, so that the limit is
	// between the two; nil if every rate was sustained.
	NextRate *float64 `json:"next_rate"`
	// Repeats are the rates of all searches, if there were several: Rate is their median.
	Repeats []float64      `json:"repeats,omitempty"`
	Verdict SustainVerdict `json:"verdict"`
	// Reason says what the verdict rests on.
	Reason string `json:"reason"`
	// Beside is what the job read of its other input just before, in records per second: it had to
	// keep up with that too. nil is unknown.
	Beside *float64 `json:"beside,omitempty"`
	// Headroom is Rate and Beside divided by the 95 % quantile of today's input; nil if that is
	// unknown, or if Rate is only a lower bound.
	Headroom *float64 `json:"headroom,omitempty"`
	Trials   []Trial  `json:"trials"`
}

// Trial is one rate that was tried.
type Trial struct {
	Rate    float64        `json:"rate"`
	Verdict SustainVerdict `json:"verdict"`
	Reason  string         `json:"reason"`
	// SentRate is what was really sent per second. Growth and its bounds are the slope of
	// the backlog in records per second; nil if unknown.
	SentRate   *float64 `json:"sent_rate"`
	Growth     *float64 `json:"growth"`
	GrowthLow  *float64 `json:"growth_low"`
	GrowthHigh *float64 `json:"growth_high"`
	Seconds    float64  `json:"seconds"`
	// Lost are the sent records that are missing in at least one sink, Duplicates is a sum over the
	// sinks.
	Lost       int64 `json:"lost"`
	Duplicates int64 `json:"duplicates"`
	// LatencyP99 is that of the slowest sink in seconds; nil if unknown.
	LatencyP99 *float64 `json:"latency_p99_seconds"`
	// Flags are those of the iteration that the trial is.
	Flags []string `json:"flags,omitempty"`
}
