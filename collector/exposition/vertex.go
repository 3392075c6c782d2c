package exposition

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

type vertexFamilies struct {
	parallelism                                                   *metricnames.Family
	busy, busyMax, idle, idleMax, backpressured, backpressuredMax *metricnames.Family
	recordsIn, recordsOut, bytesIn, bytesOut, pending             *metricnames.Family
}

func newVertexFamilies() vertexFamilies {
	const (
		mean = ", mean over the subtasks. Flink: avg of "
		most = ", of the subtask with most. Flink: max of "
		task = " Flink: /jobs/:jobid vertices metrics "
	)
	v := func(kind func(string, string, ...string) *metricnames.Family, name, help string) *metricnames.Family {
		return kind("flink_vertex_"+name, help, "job", "vertex", "vertex_id")
	}
	return vertexFamilies{
		parallelism: v(metricnames.Gauge, "parallelism",
			"Subtasks of the vertex. Flink: /jobs/:jobid vertices parallelism."),
		busy: v(metricnames.Gauge, "busy_ratio",
			"Share of time spent working"+mean+metricnames.BusyTime+"."),
		busyMax: v(metricnames.Gauge, "busy_ratio_max",
			"Share of time spent working"+most+metricnames.BusyTime+"."),
		idle: v(metricnames.Gauge, "idle_ratio",
			"Share of time spent waiting for input"+mean+metricnames.IdleTime+"."),
		idleMax: v(metricnames.Gauge, "idle_ratio_max",
			"Share of time spent waiting for input"+most+metricnames.IdleTime+"."),
		backpressured: v(metricnames.Gauge, "backpressured_ratio", "Share of time spent backpressured, waiting "+
			"for buffers downstream"+mean+metricnames.BackpressuredTime+"."),
		backpressuredMax: v(metricnames.Gauge, "backpressured_ratio_max", "Share of time spent backpressured, "+
			"waiting for buffers downstream"+most+metricnames.BackpressuredTime+"."),
		recordsIn: v(metricnames.Counter, "records_in_total", "Records received by the present attempts of "+
			"all subtasks; for sources only since Flink 2."+task+"read-records."),
		recordsOut: v(metricnames.Counter, "records_out_total",
			"Records sent by the present attempts of all subtasks."+task+"write-records."),
		bytesIn: v(metricnames.Counter, "in_bytes_total",
			"Bytes received by the present attempts of all subtasks."+task+"read-bytes."),
		bytesOut: v(metricnames.Counter, "out_bytes_total",
			"Bytes sent by the present attempts of all subtasks."+task+"write-bytes."),
		pending: v(metricnames.Gauge, "pending_records",
			"Records that wait at the source outside Flink. Flink: sum of pendingRecords of the source operators or, for "+
				"the topic of the probe, Kafka's end offsets minus what was read."),
	}
}

func (v vertexFamilies) all() []*metricnames.Family {
	return []*metricnames.Family{
		v.parallelism, v.busy, v.busyMax, v.idle, v.idleMax, v.backpressured, v.backpressuredMax,
		v.recordsIn, v.recordsOut, v.bytesIn, v.bytesOut, v.pending,
	}
}

func (f *Renderer) renderVertex(p *Page, job string, v Vertex) {
	to := f.vertex
	labels := []string{job, v.Name, v.ID}
	p.want(to.parallelism, known(v.Parallelism), labels...)
	p.want(to.recordsIn, v.RecordsIn, labels...)
	p.want(to.recordsOut, v.RecordsOut, labels...)
	p.want(to.bytesIn, v.BytesIn, labels...)
	p.want(to.bytesOut, v.BytesOut, labels...)
	if v.Finished {
		return
	}
	for _, share := range []struct {
		value     *snapshot.Share
		mean, max *metricnames.Family
	}{
		{v.Busy, to.busy, to.busyMax},
		{v.Idle, to.idle, to.idleMax},
		{v.Backpressured, to.backpressured, to.backpressuredMax},
	} {
		if share.value == nil {
			p.want(share.mean, nil, labels...)
			p.want(share.max, nil, labels...)
			continue
		}
		p.Add(share.mean, share.value.Mean, labels...)
		p.Add(share.max, share.value.Max, labels...)
	}
	if v.HasPending {
		p.want(to.pending, v.Pending, labels...)
	}
	for _, r := range v.Readings {
		p.want(r.Family, r.Value, slices.Concat(labels, r.Labels)...)
	}
	p.Dropped[metricnames.TooManyNames] += v.NamesLeft
	for reason, n := range v.Refused {
		p.Dropped[reason] += n
	}
	f.renderDetail(p, v, labels)
}
