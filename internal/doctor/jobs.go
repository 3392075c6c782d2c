package doctor

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// maxJobs bounds how many jobs of a cluster are asked for their checkpoints.
const maxJobs = 20

// jobs checks the job of the probe if it belongs to the cluster, else all that run.
func (d *doctor) jobs(ctx context.Context, client *flink.Client, found *check.Results) {
	listed, err := client.Jobs(ctx)
	if err != nil {
		found.Add("job", check.Failed, nil, "%v", err)
		return
	}
	var names []string
	var running []flink.JobSummary
	for _, job := range listed {
		if !job.Ended() {
			names, running = append(names, job.Name), append(running, job)
		}
	}
	if probed := d.cfg.ProbedJob(); d.cfg.Probe != nil && probed.Cluster == client.Cluster() {
		d.probedJob(ctx, client, running, names, found)
		return
	}
	if len(running) == 0 {
		found.Add("job", check.Warning, nil, "no job runs (start one)")
		return
	}
	found.Add("job", check.OK, nil, "running jobs: %d", len(running))
	for _, job := range running[:min(len(running), maxJobs)] {
		d.checkpoints(ctx, client, job, found)
	}
}

func (d *doctor) probedJob(
	ctx context.Context, client *flink.Client, running []flink.JobSummary, names []string, found *check.Results,
) {
	wanted := d.cfg.Probe.Job
	for _, job := range running {
		if job.Name != wanted {
			continue
		}
		if job.State != flink.JobRunning {
			found.Add("job", check.Failed, nil, "job %q is %s (see its last exception in Flink's UI)", wanted, job.State)
			return
		}
		found.Add("job", check.OK, nil, "job %q runs", wanted)
		d.checkpoints(ctx, client, job, found)
		d.clock(ctx, client, job, found)
		return
	}
	nearest, similar := check.Nearest(wanted, names)
	switch {
	case similar:
		found.Add("job", check.Failed, check.Setting("probe.job", nearest), "no job %q runs, but %q does", wanted, nearest)
	case len(names) == 1:
		found.Add("job", check.Failed, check.Setting("probe.job", names[0]), "no job %q runs; the only one is %q", wanted, names[0])
	default:
		found.Add("job", check.Failed, nil, "no job %q runs, but %d others do (start it, or correct probe.job)", wanted, len(names))
	}
}

// checkpoints says whether a job takes checkpoints.
func (d *doctor) checkpoints(ctx context.Context, client *flink.Client, job flink.JobSummary, found *check.Results) {
	taken, err := client.Checkpoints(ctx, job.ID)
	switch {
	case flink.NotFound(err):
		found.Add("checkpoints", check.Warning, check.Flink("execution.checkpointing.interval", "1min"),
			"job %q takes no checkpoints: a failure repeats all its work", job.Name)
	case err != nil:
		found.Add("checkpoints", check.Unknown, nil, "%v", err)
	case taken.Counts.Completed == 0 && taken.Counts.Failed > 0:
		found.Add("checkpoints", check.Warning, nil, "%d checkpoints of job %q failed and none completed (see its checkpoints in Flink's UI)",
			taken.Counts.Failed, job.Name)
	case taken.Counts.Completed == 0 && taken.Counts.Restored == 0:
		found.Add("checkpoints", check.OK, nil, "no checkpoint of job %q has completed yet", job.Name)
	default:
		found.Add("checkpoints", check.OK, nil, "%d checkpoints of job %q have completed", taken.Counts.Completed, job.Name)
	}
}

// clock compares the JobManager's clock with ours. Half of the time of the request is the
// error.
func (d *doctor) clock(ctx context.Context, client *flink.Client, job flink.JobSummary, found *check.Results) {
	asked := d.options.Now()
	answer, err := client.Job(ctx, job.ID)
	took := d.options.Now().Sub(asked)
	if err != nil || answer.Now <= 0 {
		found.Add("clock", check.Unknown, nil, "the JobManager does not tell its time")
		return
	}
	offset := time.UnixMilli(int64(answer.Now)).Sub(asked.Add(took / 2)).Round(time.Millisecond)
	if offset.Abs() > maxSkew+took {
		found.Add("clock", check.Warning, setClock,
			"the JobManager's clock is %s off ours: the hops ingested and indexed are wrong", offset)
		return
	}
	found.Add("clock", check.OK, nil, "the JobManager's clock is within %s of ours", maxSkew)
}
