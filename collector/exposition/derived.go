package exposition

import "github.com/flink-sidecar/flink-sidecar/collector/metricnames"

// derivedFamilies are the families derived from Flink's metrics. docs/metrics.md has the
// formulas.
type derivedFamilies struct {
	headroom, sourceRate, cpuPerMillion                 *metricnames.Family
	bottleneck, trueRate, utilization, secondsPerRecord *metricnames.Family
	sourceLag, watermarkLag                             *metricnames.Family
}

func newDerivedFamilies() derivedFamilies {
	var v metricnames.OfVertex
	return derivedFamilies{
		headroom: metricnames.Gauge("flink_job_headroom_ratio", "By how much the input can grow until a "+
			"subtask is busy all the time: 0.5 means half as much again; below 0 the job does not keep up. "+
			"Derived: 1 / (greatest busy ratio of any subtask, times the growth of what waits at the sources) - 1.",
			"job"),
		sourceRate: metricnames.Gauge("flink_job_source_records_per_second", "Records per second that all "+
			"sources of the job read between the last two polls, by the clocks of their own tasks. Derived from "+
			"flink_job_source_records_total's counters.", "job"),
		cpuPerMillion: metricnames.Gauge("flink_job_cpu_seconds_per_million_records",
			"CPU time of all TaskManagers for a million records of the sources; absent while other jobs run "+
				"there. Derived: Status.JVM.CPU.Time by source records.", "job"),
		bottleneck: v.Gauge("vertex_bottleneck", "1 for the vertex that limits the job, or will limit it "+
			"under more load, else 0. Derived: the first from the sources that is busy and not backpressured, "+
			"else the busiest."),
		trueRate: v.Gauge("vertex_true_processing_rate", "Records per second that the vertex would "+
			"process if it were busy all the time. Derived: its rate divided by the share of time it works."),
		utilization: v.Gauge("vertex_utilization_ratio", "Share of its true processing rate that the vertex "+
			"needs to keep up with the input; above 1 it cannot. Derived: share of time it works, times the "+
			"growth factor of the backlog at the sources."),
		secondsPerRecord: v.Gauge("vertex_seconds_per_record",
			"Working time of a task per record. Derived: time spent working divided by records."),
		sourceLag: v.Gauge("vertex_source_lag_seconds", "Time that the source needs to read the backlog "+
			"outside Flink, at its present rate. Derived: pending records divided by the rate."),
		watermarkLag: v.Gauge("vertex_watermark_lag_seconds", "Event-time lag of the vertex behind the "+
			"JobManager's clock. Derived from the least currentInputWatermark."),
	}
}

func (d derivedFamilies) all() []*metricnames.Family {
	return []*metricnames.Family{
		d.headroom, d.sourceRate, d.cpuPerMillion,
		d.bottleneck, d.trueRate, d.utilization, d.secondsPerRecord, d.sourceLag, d.watermarkLag,
	}
}

func (f *Renderer) renderDerived(p *Page, j Job) {
	to := f.derived
	p.maybe(to.headroom, j.Headroom, j.Name)
	p.maybe(to.sourceRate, j.SourceRate, j.Name)
	p.maybe(to.cpuPerMillion, j.CPUPerMillion, j.Name)
	limiting, known := j.Bottleneck()
	for _, v := range j.VertexViews {
		labels := []string{j.Name, v.Name, v.ID}
		p.maybe(to.trueRate, v.TrueRate, labels...)
		p.maybe(to.utilization, v.Utilization, labels...)
		p.maybe(to.secondsPerRecord, v.SecondsPerRecord, labels...)
		p.maybe(to.sourceLag, v.SourceLag, labels...)
		p.maybe(to.watermarkLag, v.WatermarkLag, labels...)
		if known {
			p.Add(to.bottleneck, Bool(v.ID == limiting.ID), labels...)
		}
	}
}
