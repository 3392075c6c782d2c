package collector

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// render turns what a poll found into a page. Without a cluster, before the
// first answer, it is empty and names what is missing.
func (f *families) render(cluster string, s *snapshot) *page {
	p := newPage(cluster)
	f.renderCluster(p, s)
	f.renderProcess(p, f.process.jobManager, s.jobManager, false)
	for _, tm := range s.taskManagers {
		families := f.process.taskManager
		p.add(families.slots, float64(tm.Slots), tm.ID)
		p.add(families.slotsFree, float64(tm.FreeSlots), tm.ID)
		if tm.detailed {
			f.renderProcess(p, families, tm.metrics, true, tm.ID)
		}
	}
	for _, job := range s.jobs {
		f.renderJob(p, job)
	}
	return p
}

func (f *families) renderCluster(p *page, s *snapshot) {
	c := f.cluster
	if s.cluster == nil {
		for _, family := range []*Family{c.taskManagers, c.slots, c.slotsAvailable} {
			p.want(family, nil)
		}
		return
	}
	p.add(c.info, 1, s.cluster.Version.String())
	p.add(c.taskManagers, float64(s.cluster.TaskManagers))
	p.add(c.slots, float64(s.cluster.Slots))
	p.add(c.slotsAvailable, float64(s.cluster.SlotsAvailable))
	for state, n := range map[string]int{
		"running": s.cluster.Running, "finished": s.cluster.Finished,
		"cancelled": s.cluster.Cancelled, "failed": s.cluster.Failed,
	} {
		p.add(c.jobs, float64(n), state)
	}
	if s.cluster.TaskManagers > 0 {
		f.renderSums(p, s.sums)
	}
}

func (f *families) renderSums(p *page, sums flink.Aggregates) {
	of := func(name string) (sum, most *float64) {
		a, ok := sums[name]
		if !ok || a.Min < 0 {
			return nil, nil // a limit of -1 is none
		}
		return &a.Sum, &a.Max
	}
	for _, area := range areasOf(true) {
		sum, most := of(area.used)
		p.want(f.cluster.memoryUsed, sum, area.label)
		p.want(f.cluster.memoryUsedMax, most, area.label)
		sum, _ = of(area.limit)
		p.maybe(f.cluster.memoryMax, sum, area.label)
	}
	sum, _ := of(threads)
	p.want(f.cluster.threads, sum)
}

// renderProcess puts the metrics of one JVM on the page.
func (f *families) renderProcess(p *page, to jvmFamilies, metrics flink.Values, worker bool, labels ...string) {
	with := func(label string) []string { return append(slices.Clip(labels), label) }
	p.want(to.cpu, in(nanosPerSecond, pick(metrics, cpuTime)), labels...)
	p.want(to.threads, pick(metrics, threads), labels...)
	for _, area := range areasOf(worker) {
		p.want(to.memoryUsed, pick(metrics, area.used), with(area.label)...)
		if limit := pick(metrics, area.limit); limit != nil && *limit >= 0 {
			p.add(to.memoryMax, *limit, with(area.label)...)
		}
	}
	found := false
	for _, gc := range garbageCollectors() {
		count, time := pick(metrics, gcCount(gc)), pick(metrics, gcTime(gc))
		found = found || count != nil && time != nil
		p.maybe(to.gcCount, count, with(gc)...)
		p.maybe(to.gcTime, in(millisPerSecond, time), with(gc)...)
	}
	if !found {
		p.want(to.gcTime, nil, with("")...)
		p.want(to.gcCount, nil, with("")...)
	}
}

func (f *families) renderJob(p *page, j Job) {
	to := f.job
	up := 0.0
	if j.State == flink.JobRunning {
		up = 1
	}
	p.add(to.up, up, j.Name)
	p.add(to.state, 1, j.Name, j.State)
	p.add(to.info, 1, j.Name, j.ID, j.EpochKey)
	if !j.Started.IsZero() {
		p.add(to.start, float64(j.Started.UnixMilli())/1000, j.Name)
	}
	if !j.live() {
		return
	}
	p.want(to.uptime, j.Uptime, j.Name)
	p.want(to.restarts, j.Restarts, j.Name)
	p.want(to.sourceRecords, j.SourceRecords, j.Name)
	f.renderCheckpoints(p, j)
	if len(j.Vertices) == 0 {
		p.want(f.vertex.parallelism, nil, j.Name, "", "")
		p.want(f.vertex.busy, nil, j.Name, "", "")
		p.want(f.vertex.recordsIn, nil, j.Name, "", "")
	}
	for _, v := range j.Vertices {
		f.renderVertex(p, j.Name, v)
	}
}

func (f *families) renderCheckpoints(p *page, j Job) {
	to := f.job
	if !j.checkpointing {
		return
	}
	if j.Checkpoints == nil {
		for _, status := range []string{"completed", "failed"} {
			p.want(to.checkpoints, nil, j.Name, status)
		}
		p.want(to.duration, nil, j.Name)
		p.want(to.lastAge, nil, j.Name)
		return
	}
	p.add(to.checkpoints, float64(j.Checkpoints.Completed), j.Name, "completed")
	p.add(to.checkpoints, float64(j.Checkpoints.Failed), j.Name, "failed")
	p.add(to.inProgress, float64(j.Checkpoints.InProgress), j.Name)
	if last := j.Checkpoints.Last; last != nil {
		p.add(to.duration, last.Duration.Seconds(), j.Name)
		p.add(to.size, last.Bytes, j.Name)
		p.add(to.stateSize, last.StateBytes, j.Name)
		p.add(to.lastAge, last.Age.Seconds(), j.Name)
	}
}

func (f *families) renderVertex(p *page, job string, v Vertex) {
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
		value     *Share
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
}
