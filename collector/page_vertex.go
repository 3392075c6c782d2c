package collector

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

type vertexFamilies struct {
	parallelism                                                   *Family
	busy, busyMax, idle, idleMax, backpressured, backpressuredMax *Family
	recordsIn, recordsOut, bytesIn, bytesOut, pending             *Family
}

func newVertexFamilies() vertexFamilies {
	const (
		mean = ", mean over the subtasks. Flink: avg of "
		most = ", of the subtask with most. Flink: max of "
		task = " Flink: /jobs/:jobid vertices metrics "
	)
	v := func(kind func(string, string, ...string) *Family, name, help string) *Family {
		return kind("flink_vertex_"+name, help, "job", "vertex", "vertex_id")
	}
	return vertexFamilies{
		parallelism:      v(gauge, "parallelism", "Subtasks of the vertex. Flink: /jobs/:jobid vertices parallelism."),
		busy:             v(gauge, "busy_ratio", "Share of time spent working"+mean+busyTime+"."),
		busyMax:          v(gauge, "busy_ratio_max", "Share of time spent working"+most+busyTime+"."),
		idle:             v(gauge, "idle_ratio", "Share of time spent waiting for input"+mean+idleTime+"."),
		idleMax:          v(gauge, "idle_ratio_max", "Share of time spent waiting for input"+most+idleTime+"."),
		backpressured:    v(gauge, "backpressured_ratio", "Share of time spent waiting for room downstream"+mean+backpressuredTime+"."),
		backpressuredMax: v(gauge, "backpressured_ratio_max", "Share of time spent waiting for room downstream"+most+backpressuredTime+"."),
		recordsIn:        v(counter, "records_in_total", "Records the present attempts of all subtasks received; sources count only since Flink 2."+task+"read-records."),
		recordsOut:       v(counter, "records_out_total", "Records the present attempts of all subtasks sent."+task+"write-records."),
		bytesIn:          v(counter, "in_bytes_total", "Bytes the present attempts of all subtasks received."+task+"read-bytes."),
		bytesOut:         v(counter, "out_bytes_total", "Bytes the present attempts of all subtasks sent."+task+"write-bytes."),
		pending:          v(gauge, "pending_records", "Records that wait at the source outside Flink. Flink: sum of pendingRecords of the source operators."),
	}
}

func (v vertexFamilies) all() []*Family {
	return []*Family{
		v.parallelism, v.busy, v.busyMax, v.idle, v.idleMax, v.backpressured, v.backpressuredMax,
		v.recordsIn, v.recordsOut, v.bytesIn, v.bytesOut, v.pending,
	}
}

func (f *families) renderVertex(p *page, job string, v vertexRead) {
	to := f.vertex
	labels := []string{job, v.Name, v.ID}
	p.add(to.parallelism, float64(v.Parallelism), labels...)
	p.want(to.recordsIn, v.RecordsIn, labels...)
	p.want(to.recordsOut, v.RecordsOut, labels...)
	p.want(to.bytesIn, v.BytesIn, labels...)
	p.want(to.bytesOut, v.BytesOut, labels...)
	if v.finished {
		return
	}
	for _, share := range []struct {
		value     *snapshot.Share
		mean, max *Family
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
		p.add(share.mean, share.value.Mean, labels...)
		p.add(share.max, share.value.Max, labels...)
	}
	if v.tellsPending {
		p.want(to.pending, v.Pending, labels...)
	}
	for _, r := range v.readings {
		p.want(r.family, r.value, slices.Concat(labels, r.labels)...)
	}
	p.dropped[tooManyNames] += v.namesLeft
	for reason, n := range v.refused {
		p.dropped[reason] += n
	}
	f.renderDetail(p, v, labels)
}
