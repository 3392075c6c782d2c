package signal

import (
	"math"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/series"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Scope is the unit to which a signal's past belongs. The window is cut at the end of
// this unit.
type Scope string

// The scopes, the narrowest first.
const (
	Run     Scope = "run"     // one attempt of a job: for signals of tasks
	Process Scope = "process" // one JVM: for signals of a JVM, because a leak survives the end of a job
	Epoch   Scope = "epoch"   // unchanged software and settings: for signals that survive restarts
)

// Observation is one sample of a signal, with its origin. Repeating an observation is
// harmless: its time identifies it.
type Observation struct {
	Signal snapshot.Signal
	Labels snapshot.Labels
	// VertexName is the name of the vertex; empty if the signal has none or it is unknown.
	VertexName string
	Sample     series.Sample
	// AtLeast marks a lower bound of a value that is still being measured, such as the
	// duration of a checkpoint in progress. It counts for the level, not for the line.
	AtLeast bool
	// Max is the maximum possible value, for rules with a fraction of it; nil if it is
	// not known.
	Max *float64
	// RunID, ProcessID and EpochKey identify the origin of the sample. An empty one is
	// not known and does not cut the window.
	RunID, ProcessID, EpochKey string
}

// Within returns the key of the given scope.
func (o Observation) Within(scope Scope) string {
	switch scope {
	case Run:
		return o.RunID
	case Process:
		return o.ProcessID
	default:
		return o.EpochKey
	}
}

// Subject is what a signal is measured of. It decides the labels.
type Subject string

// The subjects.
const (
	OfJob     Subject = "job"
	OfVertex  Subject = "vertex"
	OfProcess Subject = "process"
	OfProbe   Subject = "probe"
)

// Row is one named signal. Exactly one of the forms applies: a gauge (Over is 0), the rate of
// a counter (Over is set), the ratio of two rates (Over and Of are set), or a quantile of a
// histogram (Over and Quantile are set).
type Row struct {
	Name snapshot.Signal
	// Words name the signal and can begin a sentence. Plural is true where they take "are".
	Words  string
	Plural bool
	Unit   snapshot.Unit
	Scope  Scope
	// SawTooth is true for a value that rises and falls all the time. Only the lower edge
	// counts.
	SawTooth bool
	Subject  Subject
	// Metric is on the page. Select are the accepted values of its labels.
	Metric string
	Select map[string]string
	// Sum adds the series of one subject; otherwise the greatest of them counts.
	Sum bool
	// Over is the stretch of time of a rate; 0 for a gauge. Per is the number of seconds
	// that the rate is for; 0 is 1.
	Over time.Duration
	Per  float64
	// Of is the counter that a rate is divided by; OfSelect selects its series.
	Of       string
	OfSelect map[string]string
	// Quantile is the share of the observations of a histogram that are at most the value; 0 for
	// the other forms. Metric are the buckets of the histogram. Of several histograms of one
	// subject the one with the greatest quantile counts.
	Quantile float64
	// Max is the metric with the maximum, of the same labels; empty if there is none.
	Max string
	// Event is the metric with the age of what is measured. Each event is one sample, at
	// its own time.
	Event string
	// Bent is true for headroom, which is the ratio of capacity and input minus 1. It falls along
	// a curve while the input grows steadily. Its lines are fitted to the logarithm of the ratio,
	// in which growth of the input and loss of capacity are alike.
	Bent bool
	// From says where in Flink or in the probe the value comes from.
	From string
	// Probes is true for a signal that only an installation with a probe has.
	Probes bool
	// Needs says what a job or an installation without the signal lacks; empty for one that every
	// running job has.
	Needs string
}

// Is is the verb after the words of the signal.
func (r Row) Is() string {
	if r.Plural {
		return "are"
	}
	return "is"
}

// Table returns all signals, in the order of the documentation.
func Table() []Row { return table }

// Lookup returns the row of a signal; ok is false if there is none.
func Lookup(name snapshot.Signal) (row Row, ok bool) {
	for _, row := range table {
		if row.Name == name {
			return row, true
		}
	}
	return Row{}, false
}

// Names lists the names of all signals.
func Names() []string {
	out := make([]string, len(table))
	for i, row := range table {
		out[i] = string(row.Name)
	}
	return out
}

// Share reports whether the signal is a share of a whole, and so never above 1.
func (r Row) Share() bool { return r.Unit == snapshot.Ratio && r.Name != "headroom" }

// Lowest is the value that the signal never falls below. Headroom is -1 where a job can read
// nothing.
func (r Row) Lowest() float64 {
	if r.Name == "headroom" {
		return -1
	}
	return 0
}

// MoreIsBetter reports whether a healthy job has a high value, so that only a rule about a fall
// makes sense.
func (r Row) MoreIsBetter() bool {
	return r.Name == "headroom" || r.Name == "capacity" || r.Name == "retention-left"
}

// UsuallyZero reports whether a healthy job has the value 0 most of the time, so that a multiple of
// its median is no limit.
func (r Row) UsuallyZero() bool {
	switch r.Name {
	case "checkpoint-failures", "pending-records", "backpressure-spread", "restarts", "probe-late", "probe-lost",
		"late-records":
		return true
	}
	return false
}

// Straight returns the value on the scale on which lines are fitted. Both scales pass 0
// together.
func (r Row) Straight(v float64) float64 {
	if !r.Bent {
		return v
	}
	return math.Log1p(v)
}

// Bend returns the value of the signal for one on the scale of the lines, see [Row.Straight].
func (r Row) Bend(straight float64) float64 {
	if !r.Bent {
		return straight
	}
	return math.Expm1(straight)
}

// Slope turns a slope on the scale of the lines into that of the signal at a level, by the
// derivative of [Row.Straight].
func (r Row) Slope(straight, level float64) float64 {
	if !r.Bent {
		return straight
	}
	return straight * (1 + level)
}
