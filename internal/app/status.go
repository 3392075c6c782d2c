package app

import (
	"time"

	"github.com/prometheus/common/version"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
)

// hopsOver is how far back the hops on the page and in the API reach.
const hopsOver = 5 * time.Minute

// status collects the present state for the API and the page. It sends no request: every
// part answers from memory.
func (a *App) status() api.Status {
	status := api.Status{
		Version: version.Version,
		At:      time.Now(),
		Started: a.started,
		Targets: a.targets(),
		Trends:  a.trendsStatus(),

		Unwatched: a.unwatched(),

		Troubles: a.troubles.status(),

		Loop:  a.loopStatus(),
		Probe: a.probeStatus(),

		ScaleTest: a.scaleTest.Status(),
		History:   a.historyStatus(),
		Hints:     hints(&a.cfg),

		Warnings: a.warnings(),
	}
	for _, c := range a.clusters {
		status.Clusters = append(status.Clusters, clusterStatus(c))
		status.Jobs = append(status.Jobs, jobsStatus(c)...)
	}
	for i, job := range status.Jobs {
		status.Jobs[i].Sustainable = a.scaleTest.Sustainable(episode.JobRef{Cluster: job.Cluster, Job: job.Name})
	}
	status.Cluster = &status.Clusters[0]
	return status
}

func clusterStatus(c *clusters.Cluster) api.Cluster {
	now, known := c.Cluster()
	out := api.Cluster{Name: now.Name, URL: c.Flink.URL(), Polled: now.Polled, Up: targetOf(c).Up}
	if !known {
		return out
	}
	out.FlinkVersion = now.FlinkVersion
	out.TaskManagers, out.Slots, out.SlotsFree = &now.TaskManagers, &now.Slots, &now.SlotsAvailable
	out.MetricsFrozen, out.Hardware = now.MetricsFrozen, c.State().Hardware()
	return out
}

func jobsStatus(c *clusters.Cluster) []api.Job {
	var jobs []api.Job
	state := c.State()
	cpu, gc := state.CPUSeconds(), state.GCSeconds()
	for _, j := range c.Jobs() {
		job := api.Job{
			Cluster: c.Name(), Name: j.Name, ID: j.ID, Started: j.Started, UptimeSeconds: j.Uptime,
			Restarts: j.Restarts, LastFailure: (*api.Failure)(j.LastFailure), FirstFailure: firstFailure(j),
			Throughput: j.SourceRate, Headroom: j.Headroom, EpochKey: j.EpochKey, CPUSeconds: cpu,
			GCSeconds: gc, ExchangedBytes: j.ExchangedBytes(), Connectors: j.Connectors,
			Checkpoints: checkpointsStatus(j.Checkpoints),
		}
		if j.Known {
			job.State = j.State
		}
		for _, v := range j.Vertices {
			job.Vertices = append(job.Vertices, api.Vertex{
				ID: v.ID, Name: v.Name, Parallelism: v.Parallelism, Inputs: v.Inputs,
				Busy: (*api.Share)(v.Busy), Backpressured: (*api.Share)(v.Backpressured), Idle: (*api.Share)(v.Idle),
				RecordsIn: v.RecordsInRate, RecordsOut: v.RecordsOutRate, Pending: v.Pending,
				Bottleneck: v.ID == j.BottleneckID, Busiest: v.ID == j.BusiestID, TrueRate: v.TrueRate,
			})
		}
		jobs = append(jobs, job)
	}
	return jobs
}

// firstFailure is what a series of failures began with; nil if there was only one.
func firstFailure(j snapshot.Job) *api.Failure {
	if j.FirstFailure == nil || j.LastFailure == nil || j.FirstFailure.At.Equal(j.LastFailure.At) {
		return nil
	}
	return (*api.Failure)(j.FirstFailure)
}

func checkpointsStatus(c *snapshot.Checkpoints) *api.Checkpoints {
	if c == nil {
		return nil
	}
	out := &api.Checkpoints{Completed: c.Completed, Failed: c.Failed, InProgress: c.InProgress}
	if last := c.Last; last != nil {
		out.Last = &api.Checkpoint{
			Finished: last.Finished, DurationSeconds: last.Duration.Seconds(),
			Bytes: last.Bytes, StateBytes: last.StateBytes,
		}
	}
	return out
}

func (a *App) probeStatus() *api.Probe {
	if a.prober == nil {
		return nil
	}
	now := time.Now()
	status, recent := a.prober.Status(), a.prober.Measure(now.Add(-hopsOver), now)
	return &api.Probe{
		Cluster: a.cfg.ProbedJob().Cluster, Job: a.cfg.Probe.Job, Topic: a.cfg.Probe.Topic,
		IntervalSeconds:     status.Interval.Seconds(),
		OnTimeWithinSeconds: time.Duration(a.cfg.Probe.OnTimeWithin).Seconds(),
		CutoffSeconds:       time.Duration(a.cfg.Probe.Cutoff).Seconds(),
		Waiting:             status.Waiting,
		NothingArrived:      nothingArrived(status.NothingArrived),
		Round:               roundProgress(status.Round),
		Hops:                recent.Hops,
		HopsOverSeconds:     hopsOver.Seconds(),
		IngestedUpperBound:  recent.IngestedUpperBound,
		Accounts:            status.Accounts,
	}
}

func nothingArrived(found *synthetic.NothingArrived) *api.NothingArrived {
	if found == nil {
		return nil
	}
	out := &api.NothingArrived{Since: found.Since, Records: found.Records, First: found.First, Text: found.Text()}
	for _, c := range found.Causes {
		out.Causes = append(out.Causes, api.Cause(c))
	}
	return out
}

func roundProgress(round *account.Progress) *api.RoundProgress {
	if round == nil {
		return nil
	}
	out := &api.RoundProgress{Records: round.Records, Sent: round.Sent, Final: round.Final}
	for _, at := range round.Seen {
		out.Seen = append(out.Seen, api.SeenAtSink(at))
	}
	return out
}

func (a *App) historyStatus() api.History {
	out := api.History{Mode: api.ModeFile, Path: a.store.Path(), SetAside: a.store.SetAside()}
	if got := a.store.Salvaged(); out.SetAside != "" {
		out.Salvaged = &api.Salvaged{Saved: got.Saved, Unreadable: got.Unreadable, LostPages: got.LostPages}
	}
	if inMemory, reason := a.store.Memory(); inMemory {
		out.Mode, out.Reason = api.ModeMemory, reason
	}
	return out
}

func (a *App) loopStatus() api.Loop {
	out := api.Loop{Paused: a.switches.Paused()}
	out.Queued, out.Working, out.Announcing = a.loop.Open()
	if a.cfg.Profiling.OnAlert {
		left := a.profiles.Left()
		out.ProfilesLeft = &left
	}
	return out
}

func (a *App) trendsStatus() []api.Trend {
	var out []api.Trend
	for _, t := range a.trends.All() {
		trend := api.Trend{
			Rule: t.Rule, Cluster: t.Labels.Cluster, Job: t.Labels.Job, Vertex: t.Labels.Vertex,
			Process: t.Labels.Process, Unit: string(t.Unit), State: string(t.State), Until: t.Until,
			Samples: t.Samples, Level: t.Level, AtLeast: t.AtLeast, SlopePerSecond: t.Slope, Limit: t.Limit,
			Below: t.Below, Firing: t.Firing, Since: t.Since, Summary: t.Summary,
		}
		if h := t.Ahead; h != nil {
			trend.Ahead = &api.Ahead{InSeconds: h.In.Seconds(), Low: h.Low, Value: h.Value, High: h.High}
		}
		if b := t.Breach; b != nil {
			trend.Breach = &api.Breach{PointSeconds: b.Point, LowSeconds: b.Low, HighSeconds: &b.High}
		}
		if t.Unknown != nil {
			trend.Unknown = t.Unknown.Error()
		}
		out = append(out, trend)
	}
	return out
}

// unwatched are the rules that judge nothing on a cluster.
func (a *App) unwatched() []api.Unwatched {
	var out []api.Unwatched
	for _, w := range a.trends.Watched() {
		if w.Judged == 0 {
			out = append(out, api.Unwatched{
				Rule: w.Rule, Cluster: w.Cluster, Signal: string(w.Signal), Series: w.Series, State: w.State, Why: w.Why,
			})
		}
	}
	return out
}
