package results

import (
	"fmt"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

func scaleTestDesc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("flink_sidecar_scaletest_"+name, help, labels, nil)
}

var (
	scaleRunning = scaleTestDesc("running", "1 while a scale test of the job is under way.", "cluster", "job", "label")
	scaleRecords = scaleTestDesc("records", "Records of the present iteration of a scale test by state: intended, sent to "+
		"the producer, acknowledged by Kafka. Of several shards, those of shard 0.", "cluster", "job", "state")
	scaleVisible = scaleTestDesc("visible_records", "Records of the present iteration of a scale test that a sink shows. "+
		"Of several shards, those of shard 0.",
		"cluster", "job", "sink")
	scaleLatency = scaleTestDesc("latency_seconds", "Mean latency of the newest records of a scale test, from the planned "+
		"send until they are visible. Of several shards, those of shard 0.", "cluster", "job")
	scaleThroughput = scaleTestDesc("throughput_records_per_second", "Throughput of the last iteration of the scale test "+
		"that is under way.", "cluster", "job")
	scaleSustainable = scaleTestDesc("sustainable_records_per_second", "Highest input that the job sustained in the last "+
		"search of a scale test that found a limit: the records of the test and what the job read besides.", "cluster", "job")
	scaleFound = scaleTestDesc("sustainable_timestamp_seconds", "When the sustainable rate of a job was found.", "cluster",
		"job")
	scaleOutdated = scaleTestDesc("sustainable_outdated", "1 if the job runs in another epoch than the one whose sustainable "+
		"rate was found, so that the rate is that of an older job; 0 if not. Absent while either epoch is unknown.",
		"cluster", "job")
	scaleHeadroom = scaleTestDesc("headroom_ratio", "The sustainable rate divided by the 95 % quantile of the job's input "+
		"of the last day; at 1 the input reaches the rate. Absent while the rate is outdated.", "cluster", "job")
	scaleInput = scaleTestDesc("input_records_per_second", "The 95 % quantile of the job's input of the last day, of a job "+
		"whose sustainable rate is known.", "cluster", "job")
	scaleReached = scaleTestDesc("reached_seconds", fmt.Sprintf("Time until the job's input reaches the sustainable rate, by a "+
		"line through the 95 %% quantiles of the last %d days: bound=point for the line, bound=low and bound=high for the "+
		"edges of its 90 %% interval. Absent while the input does not grow or the rate is outdated, and with fewer than %d "+
		"days.", reachedDays, stat.MinSamples), "cluster", "job", "bound")
)

// Describe implements prometheus.Collector.
func (l *LiveTest) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{
		scaleRunning, scaleRecords, scaleVisible, scaleLatency, scaleThroughput, scaleSustainable, scaleFound,
		scaleOutdated, scaleHeadroom, scaleInput, scaleReached,
	} {
		ch <- desc
	}
}

// Collect implements prometheus.Collector. Without a test under way only what was found
// stays.
func (l *LiveTest) Collect(ch chan<- prometheus.Metric) {
	gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, labels...)
	}
	outdated := l.outdated()
	l.mu.Lock()
	defer l.mu.Unlock()
	for job, found := range l.sustainable {
		gauge(scaleSustainable, found.rate, job.Cluster, job.Job)
		gauge(scaleFound, float64(found.at.Unix()), job.Cluster, job.Job)
	}
	for job, is := range outdated {
		gauge(scaleOutdated, oneIf(is), job.Cluster, job.Job)
	}
	for job, ratio := range l.headroom {
		if !outdated[job] {
			gauge(scaleHeadroom, ratio, job.Cluster, job.Job)
		}
	}
	for job, rate := range l.input {
		gauge(scaleInput, rate, job.Cluster, job.Job)
	}
	for job, when := range l.reached {
		if outdated[job] {
			continue
		}
		gauge(scaleReached, when.Point, job.Cluster, job.Job, "point")
		gauge(scaleReached, when.Low, job.Cluster, job.Job, "low")
		gauge(scaleReached, when.High, job.Cluster, job.Job, "high")
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

// oneIf is the value of a metric that says yes or no.
func oneIf(yes bool) float64 {
	if yes {
		return 1
	}
	return 0
}
