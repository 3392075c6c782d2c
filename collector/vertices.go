package collector

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/bottleneck"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/collector/successive"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// readVertices reads the vertices of a job, turns their counts into rates, and adds the
// derived values.
func (p *poll) readVertices(
	ctx context.Context, job *jobRead, details flink.Job, r *run, uptime *float64, left *budget,
) {
	inputs, keyed := inputsOf(details.Plan), keyedOf(details.Plan)
	for _, v := range details.Vertices {
		vertex := p.readVertex(ctx, job.ID, v, r.vertices[v.ID], left)
		vertex.Inputs, vertex.Keyed = inputs[v.ID], keyed[v.ID]
		p.measure(&vertex, r, uptime)
		p.follow(ctx, job, &vertex, r, uptime)
		job.vertices = append(job.vertices, vertex)
	}
	job.SourceRecords = job.sumOverSources(func(v vertexRead) *float64 { return v.read.value })
	job.SourceRate = job.sumOverSources(func(v vertexRead) *float64 { return v.RecordsInRate })
	job.ReadRate = job.sumOverSources(func(v vertexRead) *float64 { return v.readRate })
	job.Read = r.reading(job)
	cpu := successive.NewCounts(uptime, p.now)
	cpu.Set(cpuCounter, p.cpuOfTheOnlyJob())
	p.update(&r.cpu, cpu)
	job.derive(details, r.cpu.Rate(cpuCounter))
	seen := job.seen().Vertices
	job.Limits = r.limits.Next(seen)
	job.BackpressureSpread = bottleneck.Spread(seen, job.BottleneckID)
	p.inspect(ctx, job, &r.inspection)
}

// measure turns the counters of a vertex into rates, by the clock of its own tasks, or
// without that by the job's uptime. Once the tasks have reported their clock, a poll
// without it is left out. So is a poll at which a TaskManager lags: the clock is the
// subtasks' mean, and those that moved may be the ones with most records.
func (p *poll) measure(v *vertexRead, r *run, uptime *float64) {
	names := r.vertices[v.ID]
	if v.clock != nil && !names.clocked {
		names.clocked = true
		names.meter.Forget() // what it has is by the job's clock
	}
	switch {
	case v.Finished:
		v.readRate, v.RecordsInRate = new(float64), new(float64)
		return
	case v.clock != nil:
		p.update(&names.meter, v.counts(v.clock, p.now))
	case names.clocked:
		return
	default:
		p.update(&names.meter, v.counts(uptime, p.now))
	}
	v.measure(names.meter)
}

// follow adds the rates of the last minute, and what follows from the poll before.
func (p *poll) follow(ctx context.Context, job *jobRead, v *vertexRead, r *run, uptime *float64) {
	names := r.vertices[v.ID]
	if names.meter.Fell {
		r.restarted = p.now
	}
	v.rates(uptime, p.now.Sub(r.restarted))
	v.Blocked = v.Source && names.backlog.Blocked(v.Backpressured, standsStill(v.readRate))
	if v.Source {
		p.followBacklog(ctx, job, v, r)
	}
}

// inputsOf finds the vertices that send records to each vertex.
func inputsOf(plan flink.Plan) map[string][]string {
	inputs := map[string][]string{}
	for _, node := range plan.Nodes {
		for _, input := range node.Inputs {
			inputs[node.ID] = append(inputs[node.ID], input.ID)
		}
	}
	return inputs
}

// keyedOf finds the vertices that get records by their key. Flink's planner adds the key to
// the name of the strategy.
func keyedOf(plan flink.Plan) map[string]bool {
	keyed := map[string]bool{}
	for _, node := range plan.Nodes {
		for _, input := range node.Inputs {
			if strings.HasPrefix(strings.ToUpper(input.ShipStrategy), "HASH") {
				keyed[node.ID] = true
			}
		}
	}
	return keyed
}

// update takes counters unless a TaskManager lags: the counters of its tasks do not match
// the others, nor the JobManager's clock. Rates stay as they are.
func (p *poll) update(m *successive.Meter, now successive.Counts) {
	if !p.staleness.Lags(p.now) || m.Behind(now) {
		m.Update(now)
	}
}

// Keys of counters.
const (
	inCounter   = "in"
	outCounter  = "out"
	readCounter = "read by "
	cpuCounter  = "cpu"
)

// readKey is the key of what a source read.
func (v *vertexRead) readKey() string { return readCounter + v.read.kind }

// cpuOfTheOnlyJob is the CPU time in seconds of all TaskManagers; nil if it is not known,
// or if more than one job runs there.
func (p *poll) cpuOfTheOnlyJob() *float64 {
	used, ok := p.found.totals[metricnames.CPUTime]
	if !ok || p.found.cluster.Running != 1 {
		return nil
	}
	seconds := used / metricnames.NanosPerSecond
	return &seconds
}

// counts are the counters of a vertex.
func (v *vertexRead) counts(clock *float64, read time.Time) successive.Counts {
	now := successive.NewCounts(clock, read)
	now.Tasks = v.running
	now.Set(inCounter, v.countedIn())
	now.Set(outCounter, v.countedOut())
	now.Set(v.readKey(), v.countedRead())
	return now
}

// countedIn and countedOut are the records of the tasks, as fetched with their clock
// where possible.
func (v *vertexRead) countedIn() *float64 { return cmp.Or(v.taskIn, v.RecordsIn) }

func (v *vertexRead) countedOut() *float64 { return cmp.Or(v.taskOut, v.RecordsOut) }

// countedRead is what a source read, as fetched with its tasks' clock where possible.
func (v *vertexRead) countedRead() *float64 {
	switch v.read.kind {
	case readByTask:
		return v.countedIn()
	case sentByTask:
		return v.countedOut()
	}
	return v.read.value
}

// measure takes over the rate between the last two polls.
func (v *vertexRead) measure(m successive.Meter) {
	v.readRate = m.Rate(v.readKey())
}

// fresh is the earliest read time of a value that is still shown.
func (p *poll) fresh() time.Time {
	return p.now.Add(-keepIntervals * time.Duration(p.cfg.PollInterval))
}
