package collector

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/collector/successive"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// maxPoll bounds one poll. What was not read by then is unknown.
const maxPoll = 30 * time.Second

// pollResult is the result of one poll.
type pollResult struct {
	// taken is when the poll began; zero if Flink has not answered yet.
	taken time.Time
	// cluster is nil if Flink has not answered yet.
	cluster      *snapshot.Cluster
	jobManager   flink.Values
	sums         flink.Aggregates // over all TaskManagers
	totals       flink.Values     // their counters, see [successive.RunningTotals]
	taskManagers []exposition.TaskManager
	jobs         []jobRead
	page         *exposition.Page
}

// view is the result of the poll as it is exported.
func (r *pollResult) view() *exposition.View {
	v := &exposition.View{
		Cluster: r.cluster, JobManager: r.jobManager, Sums: r.sums, Totals: r.totals,
		TaskManagers: r.taskManagers,
	}
	for _, job := range r.jobs {
		exported := job.Job
		exported.Job = job.seen()
		for _, vertex := range job.vertices {
			exported.VertexViews = append(exported.VertexViews, vertex.Vertex)
		}
		v.Jobs = append(v.Jobs, exported)
	}
	return v
}

// poll is one poll in progress. It embeds the collector, whose memory of earlier polls it
// reads and updates.
type poll struct {
	*Collector
	found pollResult
	// now is when the poll began.
	now time.Time
	// frozen is true if the metric store stands still; stale is true if at least its
	// values of vertices cannot be trusted.
	frozen, stale bool
	// ends are the end offsets of the input's partitions at the beginning of the poll; nil if
	// unknown. elsewhere is the time that the brokers took.
	ends      map[int32]int64
	elsewhere time.Duration
	// changed are the epochs that are new.
	changed []episode.Epoch
	// problems are the failures that left something unknown.
	problems []error
}

// poll reads the cluster once, publishes the result and returns how long Flink worked.
func (c *Collector) poll(ctx context.Context) (work time.Duration, err error) {
	c.polls++
	p := &poll{Collector: c, now: c.Now()}
	limited, cancel := context.WithTimeout(ctx, maxPoll)
	defer cancel()
	err = p.look(limited)
	work = max(0, c.Now().Sub(p.now)-c.Settle-p.elsewhere)
	if ctx.Err() != nil {
		return work, ctx.Err() // the sidecar stops: this is no failure of Flink
	}
	c.self.polled(err, len(p.problems), work)
	c.report(err, p.problems)
	if err == nil {
		c.reportVersion(p.found.cluster)
		c.publish(p)
	}
	return work, err
}

// look runs the steps of the package comment. An error means that nothing can be
// published.
func (p *poll) look(ctx context.Context) error {
	overview, err := p.client.Overview(ctx)
	if err != nil {
		return err
	}
	p.askInput(ctx)
	names, err := p.client.TaskManagerNames(ctx)
	p.note(err)
	jobs, err := p.client.Jobs(ctx)
	if err != nil {
		return err
	}
	taskManagers, err := p.client.TaskManagers(ctx)
	if err != nil {
		return err
	}
	if wait.For(ctx, p.Settle) != nil {
		return ctx.Err()
	}
	p.found.taken = p.now
	p.readProcesses(ctx, taskManagers, names)
	p.found.cluster = p.clusterOf(overview)
	p.readJobs(ctx, jobs, taskManagers)
	p.found.page = p.renderer.Render(p.client.Cluster(), p.found.view())
	return nil
}

// note keeps a failure that leaves part of the page unknown.
func (p *poll) note(err error) {
	if err != nil {
		p.problems = append(p.problems, err)
	}
}

func (p *poll) clusterOf(o flink.Overview) *snapshot.Cluster {
	return &snapshot.Cluster{
		Name: p.client.Cluster(), FlinkVersion: o.Version.String(),
		TaskManagers: o.TaskManagers, Slots: o.SlotsTotal, SlotsAvailable: o.SlotsAvailable,
		Running: o.JobsRunning, Finished: o.JobsFinished, Cancelled: o.JobsCancelled, Failed: o.JobsFailed,
		MetricsFrozen: p.frozen,
	}
}

// readProcesses reads the metrics of the JVMs, and finds out which values of the metric
// store are current.
func (p *poll) readProcesses(ctx context.Context, listed []flink.TaskManager, names []string) {
	collectors := metricnames.CollectorsIn(names)
	if len(collectors) == 0 {
		collectors = metricnames.GarbageCollectors()
	}
	p.readJobManager(ctx, collectors)
	p.readSums(ctx, len(listed), names, collectors)
	slices.SortFunc(listed, func(a, b flink.TaskManager) int { return strings.Compare(a.ID, b.ID) })
	var ids []string
	for i, tm := range listed {
		ids = append(ids, tm.ID)
		p.found.taskManagers = append(p.found.taskManagers,
			p.readTaskManager(ctx, tm, i < p.cfg.TaskManagerDetails, collectors))
	}
	p.staleness.Keep(ids)
	p.frozen = p.staleness.Frozen(p.now)
	p.stale = p.frozen
	if p.frozen {
		p.note(errFrozen)
		p.found.jobManager, p.found.sums = nil, nil
	}
	for i := range p.found.taskManagers {
		p.finishTaskManager(&p.found.taskManagers[i])
	}
	p.pauses.Keep(p.found.taskManagers)
	if p.found.sums != nil {
		p.found.totals = p.runningTotals.Count(ids, successive.CountedNames(collectors), p.found.sums)
	}
}

// finishTaskManager drops the metrics of a TaskManager that stand still. If subtasks run
// there, some values of vertices are equally old.
func (p *poll) finishTaskManager(tm *exposition.TaskManager) {
	if p.frozen || p.staleness.Still(tm.ID, p.now) {
		tm.Metrics = nil
		p.found.sums = nil
		p.stale = p.stale || tm.FreeSlots < tm.Slots
		if !p.frozen {
			p.note(fmt.Errorf("collector: the metrics of TaskManager %q stand still, so the metrics of vertices "+
				"are unknown (check that it runs and that the JobManager reaches its metrics port)", tm.ID))
		}
	}
	tm.HeapUsed, tm.HeapMax = metricnames.Pick(tm.Metrics, metricnames.HeapUsed),
		metricnames.Pick(tm.Metrics, metricnames.HeapMax)
	tm.CPUSeconds = metricnames.To(metricnames.NanosPerSecond, metricnames.Pick(tm.Metrics, metricnames.CPUTime))
	tm.GC = p.pauses.Share(tm.ID, tm.Metrics, p.now)
	if seconds, known := successive.Stopped(tm.Metrics); known {
		tm.GCSeconds = &seconds
	}
}

// errFrozen is logged once while the store stands still.
var errFrozen = errors.New("collector: Flink's metrics stand still, which may last ten minutes after a TaskManager " +
	"died " +
	"(they are shown as unknown until they move; a lower web.timeout in Flink's configuration may shorten it)")

// readJobManager reads the garbage collectors that any JVM may have and those of the
// TaskManagers, because Flink does not list the JobManager's own.
func (p *poll) readJobManager(ctx context.Context, collectors []string) {
	every := slices.Concat(metricnames.GarbageCollectors(), collectors)
	slices.Sort(every)
	metrics, err := p.client.JobManagerMetrics(ctx, metricnames.ProcessNames(false, slices.Compact(every)))
	p.note(err)
	if p.staleness.Observe(successive.JobManagerProcess, metricnames.Pick(metrics, metricnames.CPUTime), p.now) {
		// A restarted JobManager may run with other settings.
		p.runs = map[string]*run{}
	}
	p.found.jobManager = metrics
}

// readSums reads the metrics over all TaskManagers. They are unknown unless all of them
// reported.
func (p *poll) readSums(ctx context.Context, taskManagers int, names, collectors []string) {
	if taskManagers == 0 {
		p.staleness.Observe(successive.AllTaskManagers, nil, p.now)
		return
	}
	sums, err := p.client.TaskManagerAggregates(ctx, metricnames.SumNames(names, collectors), nil)
	p.note(err)
	var cpu *float64
	if a, ok := sums[metricnames.CPUTime]; ok {
		cpu = &a.Sum
	}
	p.staleness.Observe(successive.AllTaskManagers, cpu, p.now)
	if n, known := sums[metricnames.HeapUsed].Count(); known && n == taskManagers {
		p.found.sums = sums
	}
}

func (p *poll) readTaskManager(
	ctx context.Context, listed flink.TaskManager, detailed bool, collectors []string,
) exposition.TaskManager {
	tm := exposition.TaskManager{
		TaskManager: snapshot.TaskManager{
			ID: listed.ID, Slots: listed.Slots, FreeSlots: listed.FreeSlots, DataPort: listed.DataPort,
			Hardware: snapshot.Hardware{
				Cores: listed.Hardware.CPUCores, Memory: listed.Hardware.PhysicalMemory, Heap: listed.Hardware.Heap,
				Managed: listed.Hardware.Managed,
			},
		},
		Detailed: detailed,
	}
	if !detailed || ctx.Err() != nil {
		return tm
	}
	var err error
	tm.Metrics, err = p.client.TaskManagerMetrics(ctx, tm.ID, metricnames.ProcessNames(true, collectors))
	p.note(err)
	p.staleness.Observe(tm.ID, metricnames.Pick(tm.Metrics, metricnames.CPUTime), p.now)
	return tm
}
