package app

import (
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// silentFor is the time without a report after which a scale test is over: its process
// reports every second.
const silentFor = 15 * time.Second

// liveScaleTest is the scale test that is under way. The test runs in a process of its own
// and reports here, so that it is on the page and in /metrics. Only one may be under way: two
// would measure each other.
type liveScaleTest struct {
	now func() time.Time

	mu       sync.Mutex // protects the following fields
	progress api.ScaleProgress
	at       time.Time // of the last report; zero if no test is under way
	// sustainable, input and headroom are by cluster and job; they stay after the test.
	sustainable, input, headroom map[[2]string]float64
}

func newLiveScaleTest() *liveScaleTest {
	return &liveScaleTest{
		now: time.Now, sustainable: map[[2]string]float64{}, input: map[[2]string]float64{},
		headroom: map[[2]string]float64{},
	}
}

// Report implements api.LiveScaleTest.
func (l *liveScaleTest) Report(p api.ScaleProgress) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.running() && l.progress.Test != p.Test {
		return &api.Error{
			Status: http.StatusConflict,
			Message: "another scale test is under way: label " + l.progress.Label + " of job " + l.progress.Job +
				" (wait for its end: two tests measure each other)",
		}
	}
	l.remember(l.sustainable, p, p.SustainableRate)
	l.remember(l.headroom, p, p.Headroom)
	l.progress, l.at = p, l.now()
	if p.Ended {
		l.at = time.Time{}
	}
	return nil
}

// maxTestedJobs bounds the series that stay after their test.
const maxTestedJobs = 100

// remember keeps what was found of a job. The caller holds mu.
func (l *liveScaleTest) remember(found map[[2]string]float64, p api.ScaleProgress, value *float64) {
	job := [2]string{p.Cluster, p.Job}
	if _, known := found[job]; value != nil && (known || len(found) < maxTestedJobs) {
		found[job] = *value
	}
}

// running reports whether a test is under way. The caller holds mu.
func (l *liveScaleTest) running() bool { return !l.at.IsZero() && l.now().Sub(l.at) < silentFor }

// status returns the test that is under way, nil if there is none.
func (l *liveScaleTest) status() *api.ScaleProgress {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.running() {
		return nil
	}
	p := l.progress
	return &p
}

func scaleTestDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("flink_sidecar_scaletest_"+name, help, labels, nil)
}

var (
	scaleRunning = scaleTestDesc("running", "1 while a scale test of the job is under way.", "cluster", "job", "label")
	scaleRecords = scaleTestDesc("records", "Records of the present iteration of a scale test by state: intended, sent to "+
		"the producer, acknowledged by Kafka.", "cluster", "job", "state")
	scaleVisible = scaleTestDesc("visible_records", "Records of the present iteration of a scale test that a sink shows.",
		"cluster", "job", "sink")
	scaleLatency = scaleTestDesc("latency_seconds", "Mean latency of the newest records of a scale test, from the planned "+
		"send until they are visible.", "cluster", "job")
	scaleThroughput = scaleTestDesc("throughput_records_per_second", "Throughput of the last iteration of the scale test "+
		"that is under way.", "cluster", "job")
	scaleSustainable = scaleTestDesc("sustainable_records_per_second", "Highest rate that the job sustained in the last "+
		"search of a scale test.", "cluster", "job")
	scaleHeadroom = scaleTestDesc("headroom_ratio", "The sustainable rate divided by the 95 % quantile of the job's input "+
		"of the last day; at 1 the input reaches the rate.", "cluster", "job")
	scaleInput = scaleTestDesc("input_records_per_second", "The 95 % quantile of the job's input of the last day, of a job "+
		"whose sustainable rate is known.", "cluster", "job")
)

// Describe implements prometheus.Collector.
func (l *liveScaleTest) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		scaleRunning, scaleRecords, scaleVisible, scaleLatency, scaleThroughput, scaleSustainable,
		scaleHeadroom, scaleInput,
	} {
		ch <- desc
	}
}

// Collect implements prometheus.Collector. Without a test under way only what was found
// stays.
func (l *liveScaleTest) Collect(ch chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for job, rate := range l.sustainable {
		gauge(scaleSustainable, rate, job[0], job[1])
	}
	for job, ratio := range l.headroom {
		gauge(scaleHeadroom, ratio, job[0], job[1])
	}
	for job, rate := range l.input {
		gauge(scaleInput, rate, job[0], job[1])
	}
	if !l.running() {
		return
	}
	p := l.progress
	gauge(scaleRunning, 1, p.Cluster, p.Job, p.Label)
	gauge(scaleRecords, float64(p.Intended), p.Cluster, p.Job, "intended")
	gauge(scaleRecords, float64(p.Sent), p.Cluster, p.Job, "sent")
	gauge(scaleRecords, float64(p.Acknowledged), p.Cluster, p.Job, "acknowledged")
	visible := map[string]int{} // a sender may name a sink twice, a metric must not
	for _, at := range p.Visible {
		visible[at.Sink] = at.Records
	}
	for sink, records := range visible {
		gauge(scaleVisible, float64(records), p.Cluster, p.Job, sink)
	}
	if p.LatencySeconds != nil {
		gauge(scaleLatency, *p.LatencySeconds, p.Cluster, p.Job)
	}
	if p.Throughput != nil {
		gauge(scaleThroughput, *p.Throughput, p.Cluster, p.Job)
	}
}

// cpuSeconds is the CPU time of all TaskManagers; nil unless every one reports it and no
// other job runs.
func cpuSeconds(state snapshot.State) *float64 {
	return overTaskManagers(state, func(tm snapshot.TaskManager) *float64 { return tm.CPUSeconds })
}

// gcSeconds is the time in which garbage collection stopped the TaskManagers; nil as
// cpuSeconds is.
func gcSeconds(state snapshot.State) *float64 {
	return overTaskManagers(state, func(tm snapshot.TaskManager) *float64 { return tm.GCSeconds })
}

func overTaskManagers(state snapshot.State, value func(snapshot.TaskManager) *float64) *float64 {
	if state.Cluster.Running != 1 || len(state.TaskManagers) == 0 {
		return nil
	}
	sum := 0.0
	for _, tm := range state.TaskManagers {
		v := value(tm)
		if v == nil {
			return nil
		}
		sum += *v
	}
	return &sum
}

// exchangedBytes is what the tasks of a job sent to each other; nil unless every vertex
// reports it.
func exchangedBytes(job snapshot.Job) *float64 {
	if len(job.Vertices) == 0 {
		return nil
	}
	sum := 0.0
	for _, v := range job.Vertices {
		if v.BytesOut == nil {
			return nil
		}
		sum += *v.BytesOut
	}
	return &sum
}
