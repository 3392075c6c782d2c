package exposition

import "github.com/flink-sidecar/flink-sidecar/collector/metricnames"

// derivedFamilies are the families derived from Flink's metrics. docs/metrics.md has the
// formulas.
type derivedFamilies struct {
	headroom, capacity                         *metricnames.Family
	sourceRate, cpuPerMillion                  *metricnames.Family
	spread                                     *metricnames.Family
	bottleneck, busiest, trueRate, utilization *metricnames.Family
	secondsPerRecord                           *metricnames.Family
	sourceLag, watermarkLag                    *metricnames.Family
	retentionLeft, retention                   *metricnames.Family
	depth                                      *metricnames.Family
}

func newDerivedFamilies() derivedFamilies {
	var v metricnames.OfVertex
	return derivedFamilies{
		headroom: metricnames.Gauge("flink_job_headroom_ratio", "By how much the input can grow until a "+
			"subtask is busy all the time: 0.5 means by 50 %; below 0 the job does not keep up. "+
			"Derived, over the last minute: 1 / (greatest busy ratio of any subtask, times records that arrive per "+
			"record read, at least 1) - 1.",
			"job"),
		capacity: metricnames.Gauge("flink_job_capacity_records_per_second", "Input at which a subtask is busy all "+
			"the time; it does not change with the input. Derived, over the last minute: records per second that "+
			"arrive or, while a backlog shrinks, that the sources read, times (1 + headroom).", "job"),
		sourceRate: metricnames.Gauge("flink_job_source_records_per_second", "Records per second that all "+
			"sources of the job read in the last minute. Flink: sum of numRecordsInPerSecond (or, of sources that do "+
			"not count what they read, numRecordsOutPerSecond) of the sources.", "job"),
		cpuPerMillion: metricnames.Gauge("flink_job_cpu_seconds_per_million_records",
			"CPU time of all TaskManagers for a million records of the sources; absent while other jobs run "+
				"there. Derived: Status.JVM.CPU.Time by source records.", "job"),
		spread: metricnames.Gauge("flink_job_backpressure_spread_ratio", "How far backpressure has spread upstream of "+
			"the vertex that limits the job; 1 if all vertices before it wait all the time, 0 while none limits the job. "+
			"Derived: mean share of time in which these vertices are backpressured.", "job"),
		bottleneck: v.Gauge("vertex_bottleneck", "1 for the vertex that limits the job, else 0; 0 for all while "+
			"none does. Derived: the last vertex downstream whose busiest subtask is busy for 80 % of the time or "+
			"more."),
		busiest: v.Gauge("vertex_busiest", "1 for the vertex to profile, else 0: the one that limits the job or, "+
			"while none does, the one whose busiest subtask works most. Derived from busyTimeMsPerSecond."),
		trueRate: v.Gauge("vertex_true_processing_rate", "Records per second that the vertex would "+
			"process if all its subtasks were busy all the time. Derived: its rate divided by their mean share of "+
			"busy time, both over the last minute."),
		utilization: v.Gauge("vertex_utilization_ratio", "Share of its true processing rate that the vertex "+
			"needs to keep up with the input; above 1 it cannot. Derived, over the last minute: mean share of busy "+
			"time, times records that arrive per record read, at least 1."),
		secondsPerRecord: v.Gauge("vertex_seconds_per_record",
			"Working time of a task per record. Derived, over the last minute: share of busy time, summed over the "+
				"subtasks, divided by the rate."),
		sourceLag: v.Gauge("vertex_source_lag_seconds", "Time that the source needs to read the backlog "+
			"outside Flink, at its rate in the last minute. Derived: pending records divided by that rate."),
		retentionLeft: v.Gauge("vertex_retention_left_seconds", "Time until the retention of the source's topic can "+
			"delete a record that the source has not read; 0 if it has deleted one. Derived, from Kafka: retention.ms "+
			"minus the age of the oldest such record, least of all partitions. Only of the source that reads the "+
			"topic of the probe."),
		retention: v.Gauge("vertex_retention_seconds", "How long the source's topic keeps a record. Derived, "+
			"from Kafka: retention.ms. Only of the source that reads the topic of the probe."),
		depth: v.Gauge("vertex_depth", "Number of edges on the longest way from a source to the vertex; 0 for a source. "+
			"Derived from the plan of the job: it sorts vertices along the graph."),
		watermarkLag: v.Gauge("vertex_watermark_lag_seconds", "Event-time lag of the vertex behind the "+
			"JobManager's clock. Derived from the least currentInputWatermark."),
	}
}

func (d derivedFamilies) all() []*metricnames.Family {
	return []*metricnames.Family{
		d.headroom, d.capacity, d.sourceRate, d.cpuPerMillion, d.spread,
		d.bottleneck, d.busiest, d.trueRate, d.utilization, d.secondsPerRecord, d.sourceLag, d.watermarkLag,
		d.retentionLeft, d.retention, d.depth,
	}
}

func (f *Renderer) renderDerived(p *Page, j Job) {
	to := f.derived
	p.maybe(to.headroom, j.Headroom, j.Name)
	p.maybe(to.capacity, j.Capacity, j.Name)
	p.maybe(to.sourceRate, j.SourceRate, j.Name)
	p.maybe(to.cpuPerMillion, j.CPUPerMillion, j.Name)
	p.maybe(to.spread, j.BackpressureSpread, j.Name)
	depth := depths(j.VertexViews)
	for _, v := range j.VertexViews {
		labels := []string{j.Name, v.Name, v.ID}
		p.Add(to.depth, float64(depth[v.ID]), labels...)
		p.maybe(to.trueRate, v.TrueRate, labels...)
		p.maybe(to.utilization, v.Utilization, labels...)
		p.maybe(to.secondsPerRecord, v.SecondsPerRecord, labels...)
		p.maybe(to.sourceLag, v.SourceLag, labels...)
		p.maybe(to.watermarkLag, v.WatermarkLag, labels...)
		p.maybe(to.retentionLeft, v.RetentionLeft, labels...)
		p.maybe(to.retention, v.Retention, labels...)
		if v.Busy != nil {
			p.Add(to.bottleneck, Bool(v.ID == j.BottleneckID), labels...)
			p.Add(to.busiest, Bool(v.ID == j.BusiestID), labels...)
		}
	}
}
