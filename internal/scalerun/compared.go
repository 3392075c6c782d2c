package scalerun

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// ComparedTest is the part of a [Test] that comparisons read, under the names of its JSON. It is
// stored beside the test: a table is made of many tests, and this is a sixth of them.
type ComparedTest struct {
	ID          string              `json:"id"`
	Run         string              `json:"run"`
	Label       string              `json:"label"`
	Baseline    bool                `json:"baseline,omitempty"`
	OpensRun    bool                `json:"opens_run,omitempty"`
	Cluster     string              `json:"cluster"`
	Job         string              `json:"job"`
	Deployment  string              `json:"deployment"`
	EpochKey    string              `json:"epoch_key,omitempty"`
	Began       time.Time           `json:"began"`
	Rate        float64             `json:"rate,omitempty"`
	Shape       string              `json:"shape"`
	PayloadSeed uint64              `json:"payload_seed,omitempty"`
	Verdict     Verdict             `json:"verdict"`
	Environment map[string]string   `json:"environment"`
	Iterations  []ComparedIteration `json:"iterations"`
	// Sustainable says only whether there is one.
	Sustainable *struct{} `json:"sustainable,omitempty"`
	Imported    *Import   `json:"imported,omitempty"`
}

// ComparedIteration is the part of a [Iteration] that comparisons read.
type ComparedIteration struct {
	WarmUp        bool                    `json:"warm_up,omitempty"`
	Throughput    *float64                `json:"throughput"`
	Sinks         map[string]ComparedSink `json:"sinks"`
	CPUPerMillion *float64                `json:"cpu_seconds_per_million,omitempty"`
	Flags         []string                `json:"flags,omitempty"`
}

// ComparedSink is the part of a [Sink] that comparisons read.
type ComparedSink struct {
	Latency ComparedLatency `json:"latency_seconds"`
}

// ComparedLatency is the part of a [Latency] that comparisons read.
type ComparedLatency struct {
	P50 *float64 `json:"p50"`
	P99 *float64 `json:"p99"`
}

// JobRef names the job that was tested.
func (c ComparedTest) JobRef() episode.JobRef { return episode.JobRef{Cluster: c.Cluster, Job: c.Job} }

// Leads is [Test.Leads].
func (c ComparedTest) Leads() bool { return c.OpensRun && c.Run != OfEvaluations }

// Compared returns the part of the test that comparisons read.
func (t Test) Compared() ComparedTest {
	c := ComparedTest{
		ID: t.ID, Run: t.Run, Label: t.Label, Baseline: t.Baseline, OpensRun: t.OpensRun, Cluster: t.Cluster, Job: t.Job,
		Deployment: t.Deployment, EpochKey: t.EpochKey, Began: t.Began, Rate: t.Rate, Shape: t.Shape,
		PayloadSeed: t.PayloadSeed, Verdict: t.Verdict, Environment: t.Environment, Imported: t.Imported,
		Iterations: make([]ComparedIteration, len(t.Iterations)),
	}
	if t.Sustainable != nil {
		c.Sustainable = &struct{}{}
	}
	for i, of := range t.Iterations {
		c.Iterations[i] = of.compared()
	}
	return c
}

func (i Iteration) compared() ComparedIteration {
	c := ComparedIteration{
		WarmUp: i.WarmUp, Throughput: i.Throughput, CPUPerMillion: i.CPUPerMillion, Flags: i.Flags,
		Sinks: make(map[string]ComparedSink, len(i.Sinks)),
	}
	for name, sink := range i.Sinks {
		c.Sinks[name] = ComparedSink{ComparedLatency{P50: sink.Latency.P50, P99: sink.Latency.P99}}
	}
	return c
}

// Test returns the test with what comparisons read. The rest is empty.
func (c ComparedTest) Test() Test {
	t := Test{
		ID: c.ID, Run: c.Run, Label: c.Label, Baseline: c.Baseline, OpensRun: c.OpensRun, Cluster: c.Cluster, Job: c.Job,
		Deployment: c.Deployment, EpochKey: c.EpochKey, Began: c.Began, Rate: c.Rate, Shape: c.Shape,
		PayloadSeed: c.PayloadSeed, Verdict: c.Verdict, Environment: c.Environment, Imported: c.Imported,
		Iterations: make([]Iteration, len(c.Iterations)),
	}
	if c.Sustainable != nil {
		t.Sustainable = &Sustainable{}
	}
	for i, of := range c.Iterations {
		t.Iterations[i] = of.iteration(i + 1)
	}
	return t
}

func (c ComparedIteration) iteration(number int) Iteration {
	i := Iteration{
		Iteration: number, WarmUp: c.WarmUp, Throughput: c.Throughput, CPUPerMillion: c.CPUPerMillion, Flags: c.Flags,
		Sinks: make(map[string]Sink, len(c.Sinks)),
	}
	for name, sink := range c.Sinks {
		i.Sinks[name] = Sink{Latency: Latency{P50: sink.Latency.P50, P99: sink.Latency.P99}}
	}
	return i
}
