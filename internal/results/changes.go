// Package results keeps what tests and advice led to, while the sidecar runs: the table "What
// changed?", the scale test that is under way, the headroom, the change points, and what came of
// advice. Each is an actor, a source of the API, and a collector of metrics.
package results

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// Changes exports the table "What changed?" of the newest run. It implements
// api.ScaleTests, and reads the table again after each write: a scrape never waits for the
// history. Use [NewChanges].
type Changes struct {
	store *history.Store
	log   *slog.Logger

	reading sync.Mutex                    // so that an older table never replaces a newer one
	table   atomic.Pointer[outcome.Table] // nil until it was read, and without a run
}

// NewChanges returns the table of a history. It is empty until [Changes.Run] has read it.
func NewChanges(store *history.Store, log *slog.Logger) *Changes {
	return &Changes{store: store, log: log}
}

// RunTests implements routes.ScaleTests.
func (c *Changes) RunTests(run string, of episode.JobRef, before string, limit int) ([]scalerun.Test, error) {
	return c.store.RunTests(run, of, before, limit)
}

// ScaleRuns implements routes.ScaleTests.
func (c *Changes) ScaleRuns(of episode.JobRef, before string, limit int) ([]scalerun.Run, error) {
	return c.store.ScaleRuns(of, before, limit)
}

// ComparedTests implements routes.ScaleTests.
func (c *Changes) ComparedTests(
	run string, of episode.JobRef, before string, limit int,
) ([]scalerun.Test, error) {
	return c.store.ComparedTests(run, of, before, limit)
}

// PutScaleTest implements routes.ScaleTests.
func (c *Changes) PutScaleTest(test scalerun.Test) error {
	return c.after(c.store.PutScaleTest(test))
}

// ImportScaleTests implements routes.ScaleTests.
func (c *Changes) ImportScaleTests(tests []scalerun.Test) error {
	return c.after(c.store.ImportScaleTests(tests))
}

// PutNew implements routes.Entries: scale tests may be among them.
func (c *Changes) PutNew(entries []any, dry bool) (added int, err error) {
	added, err = c.store.PutNew(entries, dry)
	if !dry && slices.ContainsFunc(entries, func(e any) bool { _, is := e.(scalerun.Test); return is }) {
		err = c.after(err)
	}
	return added, err
}

func (c *Changes) after(err error) error {
	if err == nil {
		c.read()
	}
	return err
}

// Run reads the table that an earlier process left, and returns when ctx ends.
func (c *Changes) Run(ctx context.Context) error {
	c.read()
	<-ctx.Done()
	return nil
}

func (c *Changes) read() {
	c.reading.Lock()
	defer c.reading.Unlock()
	tests, err := api.StoredRun(c.store, episode.JobRef{}, "")
	if err != nil {
		if _, none := errors.AsType[*api.Error](err); !none {
			c.log.Warn("Scale tests cannot be read for the metrics", "err", err)
		}
		c.table.Store(nil)
		return
	}
	c.table.Store(new(outcome.NewTable(tests)))
}

func changeDesc(name, help string, more ...string) *prometheus.Desc {
	labels := append([]string{"cluster", "job", "run", "label", "shape"}, more...)
	return prometheus.NewDesc("flink_sidecar_change_"+name, help, labels, nil)
}

var (
	changeThroughput = changeDesc("throughput_records_per_second", "Throughput of a label of the newest run of scale "+
		"tests: the geometric mean over its deployments.")
	changeImprovement = changeDesc("improvement_ratio", "Improvement of the throughput against the baseline of the "+
		"newest run: 0.1 is 10 % more.")
	changeBound = changeDesc("improvement_bound_ratio", "Bounds of the 95 % interval of the improvement. There are none "+
		"with fewer than 3 deployments on a side.", "bound")
	changeDetectable = changeDesc("detectable_ratio", "Minimum detectable change: the smallest improvement that as many "+
		"deployments with this spread find in four of five experiments.")
	changeStep = changeDesc("step_ratio", "Improvement of the throughput against the row before in the newest run: 0.1 "+
		"is 10 % more.")
	changeLatency = changeDesc("latency_seconds", "Latency of the slowest sink of a label of the newest run: the "+
		"geometric mean over its deployments.", "quantile")
	changeCPU = changeDesc("cpu_seconds_per_million_records", "CPU time of all TaskManagers for a million records of a "+
		"label of the newest run: the geometric mean over its deployments.")
	changeVerdict = changeDesc("verdict", "1 for the verdict on a label of the newest run, else 0: better, worse, unclear "+
		"(~) or too_few_samples. The baseline has none.", "verdict")
)

// verdicts are the values of the label of changeVerdict.
var verdicts = map[outcome.Verdict]string{
	outcome.Better: "better", outcome.Worse: "worse", outcome.Unclear: "unclear", outcome.TooFew: "too_few_samples",
}

// maxChanges bounds the labels that are exported.
const maxChanges = 100

// Describe implements prometheus.Collector.
func (c *Changes) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		changeThroughput, changeImprovement, changeBound, changeDetectable, changeStep, changeLatency, changeCPU, changeVerdict,
	} {
		ch <- desc
	}
}

// Collect implements prometheus.Collector. An unknown value has no series.
func (c *Changes) Collect(ch chan<- prometheus.Metric) {
	t := c.table.Load()
	if t == nil {
		return
	}
	seen := map[[2]string]bool{} // shortened labels may be equal, series must not
	for _, r := range t.Rows[:min(len(t.Rows), maxChanges)] {
		label, shape := short(r.Change), short(r.Shape)
		if seen[[2]string{label, shape}] {
			continue
		}
		seen[[2]string{label, shape}] = true
		gauge := func(desc *prometheus.Desc, v *float64, scale float64, more ...string) {
			if v != nil {
				labels := append([]string{short(t.Cluster), short(t.Job), short(t.Run), label, shape}, more...)
				ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, *v*scale, labels...)
			}
		}
		gauge(changeThroughput, r.Throughput, 1)
		gauge(changeImprovement, r.Improvement, 0.01)
		gauge(changeBound, r.Low, 0.01, "low")
		gauge(changeBound, r.High, 0.01, "high")
		gauge(changeDetectable, r.Detectable, 0.01)
		gauge(changeStep, r.Step, 0.01)
		gauge(changeLatency, r.LatencyP50, 1, "0.5")
		gauge(changeLatency, r.LatencyP99, 1, "0.99")
		gauge(changeCPU, r.CPUPerMillion, 1)
		for verdict, name := range verdicts {
			if r.Verdict != "" {
				gauge(changeVerdict, new(truth(r.Verdict == verdict)), 1, name)
			}
		}
	}
}

func short(text string) string { return plaintext.Label(text, 200) }

func truth(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
