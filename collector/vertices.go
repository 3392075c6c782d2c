package collector

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// readVertices reads the vertices of a job, turns their counts into rates, and
// derives what follows from them.
func (p *poll) readVertices(ctx context.Context, job *Job, details flink.Job, r *run, uptime *float64, left *budget) {
	counted := newCounts(uptime, p.now)
	var records sourceCount
	for _, v := range details.Vertices {
		vertex := p.readVertex(ctx, job.ID, v, r.vertices[v.ID], left, &records)
		vertex.count(counted)
		job.Vertices = append(job.Vertices, vertex)
	}
	job.SourceRecords = records.total()
	counted.set(records.kind, job.SourceRecords)
	counted.set(cpuCounter, p.cpuOfTheOnlyJob())
	counted.set(pendingGauge, job.pending())
	if !p.pulse.lags(p.now) || counted.since(r.meter.last) < 0 {
		r.meter.update(counted)
	}
	job.Read = r.meter.read(records.kind)
	job.SourceRate = r.meter.rate(records.kind)
	for i := range job.Vertices {
		job.Vertices[i].measure(r.meter)
	}
	job.derive(details, r.meter)
	p.inspect(ctx, job, &r.inspection)
}

// Keys of counters, after a vertex' id.
const (
	inCounter   = "/in"
	outCounter  = "/out"
	busyCounter = "/busy"
	readCounter = "/read"
	cpuCounter  = "cpu"
	// pendingGauge may go down as well.
	pendingGauge = "pending"
)

// cpuOfTheOnlyJob is the CPU time in seconds that all TaskManagers have used;
// nil if it isn't known, or if more than one job runs there.
func (p *poll) cpuOfTheOnlyJob() *float64 {
	s, ok := p.found.sums[cpuTime]
	if !ok || p.found.cluster.Running != 1 {
		return nil
	}
	seconds := s.Sum / nanosPerSecond
	return &seconds
}

// count notes the counters of a vertex.
func (v *Vertex) count(counted counts) {
	counted.set(v.ID+inCounter, v.RecordsIn)
	counted.set(v.ID+outCounter, v.RecordsOut)
	counted.set(v.ID+busyCounter, v.busySeconds)
	counted.set(v.ID+readCounter, v.read)
}

// measure takes over the rates of a vertex' counters.
func (v *Vertex) measure(m meter) {
	v.RecordsInRate, v.RecordsOutRate = m.rate(v.ID+inCounter), m.rate(v.ID+outCounter)
	v.busyRate, v.readRate = m.rate(v.ID+busyCounter), m.rate(v.ID+readCounter)
	if v.busyRate != nil && v.Busy != nil {
		believed := min(*v.busyRate, v.mostBusy(m.passed))
		v.busyRate = &believed
	}
}

// Flink's shares of time are means over a minute, renewed every five seconds.
const (
	shareSpan  = 60.0
	shareEvery = 5.0
)

// mostBusy is how much time the subtasks can have worked in a second, in so many
// seconds, for Flink's mean over a minute to be what it is. The counter can't tell:
// until an idle span has ended it takes it for work, so that a vertex without input
// seems to work all the time.
func (v *Vertex) mostBusy(seconds float64) float64 {
	return v.Busy.Mean * float64(v.Parallelism) * max(1, shareSpan/max(seconds-shareEvery, shareEvery))
}

// fresh is since when a value must have been read to be shown.
func (p *poll) fresh() time.Time {
	return p.now.Add(-keepIntervals * time.Duration(p.cfg.PollInterval))
}
