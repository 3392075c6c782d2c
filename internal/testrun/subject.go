package testrun

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

const (
	// knownWithin is how long a sidecar that has just begun may take to know the job.
	knownWithin = 45 * time.Second
	askEvery    = 500 * time.Millisecond
	// maxTests is how many earlier tests are searched for the run.
	maxTests = 1000
)

// subject completes what is tested: the deployment, its environment, and the run.
func subject(
	ctx context.Context, client *api.Client, of scaletest.Subject, plan *scaletest.Plan,
) (scaletest.Subject, error) {
	job, cluster, err := known(ctx, client, of)
	if err != nil {
		return of, err
	}
	of.Deployment, of.EpochKey = job.ID, job.EpochKey
	of.Environment = environment(job, cluster)
	list, err := client.ScaleTests(ctx, episode.JobRef{Cluster: of.Cluster, Job: of.Job}, "", maxTests)
	if err != nil {
		return of, err
	}
	of.Input = todaysInput(ctx, client, of, list.ScaleTests, time.Now())
	now := time.Now()
	present := episode.Measurement{Cluster: of.Cluster, Job: of.Job, Began: now, Ended: now}
	if !outcome.Loaded(present, list.ScaleTests) {
		of.Beside = job.Throughput
	}
	return of, joinRun(&of, plan, list.ScaleTests, time.Now())
}

// todaysInput is the 95 % quantile of the records per second that the job read in the last day
// without the load of tests; 0 if it is not known.
func todaysInput(
	ctx context.Context, client *api.Client, of scaletest.Subject, tests []scalerun.Test, now time.Time,
) float64 {
	var measured []episode.Measurement
	for before := ""; ; {
		page, err := client.Measurements(ctx, episode.JobRef{Cluster: of.Cluster, Job: of.Job}, before,
			now.Add(-outcome.InputOver), time.Time{}, maxTests)
		if err != nil {
			return 0 // without it only the headroom is unknown
		}
		if measured, before = append(measured, page.Measurements...), page.Next; before == "" {
			break
		}
	}
	rate, known := outcome.Input(measured, tests)
	if !known {
		return 0
	}
	return rate
}

// Deployment waits until the sidecar knows a job, and returns it with what Flink says that must
// be equal for a fair comparison.
func Deployment(ctx context.Context, client *api.Client, of episode.JobRef) (api.Job, map[string]string, error) {
	job, cluster, err := known(ctx, client, scaletest.Subject{Cluster: of.Cluster, Job: of.Job})
	return job, environment(job, cluster), err
}

// known waits until the sidecar knows the job.
func known(ctx context.Context, client *api.Client, of scaletest.Subject) (api.Job, api.Cluster, error) {
	deadline := time.Now().Add(knownWithin)
	for {
		status, err := client.Status(ctx)
		if err != nil {
			return api.Job{}, api.Cluster{}, err
		}
		job, cluster, up := find(status, of)
		switch {
		case job.State == "RUNNING" && job.ID != "" && job.EpochKey != "":
			return job, cluster, nil
		case time.Now().Before(deadline) && wait.For(ctx, askEvery) == nil:
			continue
		case ctx.Err() != nil:
			return job, cluster, ctx.Err()
		case job.State == "RUNNING" && job.ID != "":
			return job, cluster, nil // its epoch is not known, which only the comparison misses
		case !up:
			return job, cluster, fmt.Errorf("the JobManager at %s does not answer, so the deployment is not known (start it, or "+
				"correct flink.url)", cluster.URL)
		case job.Name == "":
			return job, cluster, fmt.Errorf("job %q does not run in cluster %q (start it, or correct probe.job)", of.Job,
				of.Cluster)
		}
		return job, cluster, fmt.Errorf("job %q is %s (wait until it runs)", of.Job, job.State)
	}
}

// find returns the job and its cluster in a status.
func find(status api.Status, of scaletest.Subject) (job api.Job, cluster api.Cluster, up bool) {
	for _, c := range status.Clusters {
		if c.Name == of.Cluster {
			cluster, up = c, c.Up != nil && *c.Up
		}
	}
	for _, j := range status.Jobs {
		if j.Cluster == of.Cluster && j.Name == of.Job {
			job = j
		}
	}
	return job, cluster, up
}

// environment is what Flink says that must be equal for a fair comparison. The plan and the
// settings of the job are not part of it: they are what a label changes.
func environment(job api.Job, cluster api.Cluster) map[string]string {
	known := map[string]string{"flink_version": cluster.FlinkVersion}
	if cluster.TaskManagers != nil && cluster.Slots != nil {
		known["taskmanagers"] = fmt.Sprintf("%d with %d slots", *cluster.TaskManagers, *cluster.Slots)
	}
	if len(cluster.Hardware) > 0 {
		known[scalerun.HardwareFact] = strings.Join(cluster.Hardware, "; ")
	}
	if len(job.Connectors) > 0 {
		known["connectors"] = strings.Join(job.Connectors, ", ")
	}
	widest := 0
	for _, v := range job.Vertices {
		widest = max(widest, v.Parallelism)
	}
	if widest > 0 {
		known["parallelism"] = strconv.Itoa(widest)
	}
	return known
}

// joinRun decides which run the test belongs to. tests are the earlier ones of the job,
// newest first.
func joinRun(of *scaletest.Subject, plan *scaletest.Plan, tests []scalerun.Test, now time.Time) error {
	name := plan.Run
	if name == "" && !plan.Baseline {
		if at := slices.IndexFunc(tests, scalerun.Test.Leads); at >= 0 {
			name = tests[at].Run
		}
	}
	opening := slices.IndexFunc(tests, func(t scalerun.Test) bool { return t.Run == name && t.OpensRun })
	switch {
	case plan.Baseline && name != "" && opening >= 0:
		return fmt.Errorf("run %q exists and has a baseline (choose another --run, or leave out --baseline to join it)", name)
	case plan.Baseline || opening < 0:
		if name == "" {
			name = now.UTC().Format("2006-01-02T15:04:05Z")
		}
		of.Run, of.Baseline, of.Opens = name, true, true
		return nil
	}
	first := tests[opening]
	of.Run, of.Baseline = name, first.Label == plan.Label
	of.Reference = reference(first, tests, of.Baseline, plan.Facts())
	return nil
}

// reference is the environment that a test is compared with: that of the baseline under the same
// load, or under the one with which the run began. A baseline under a further load has no other
// load to compare.
func reference(
	first scalerun.Test, tests []scalerun.Test, baseline bool, facts map[string]string,
) map[string]string {
	for _, t := range slices.Backward(tests) {
		if t.Run == first.Run && t.Label == first.Label && t.Verdict == scalerun.OK &&
			t.Environment[scaletest.FactLoad] == facts[scaletest.FactLoad] {
			return t.Environment
		}
	}
	if !baseline {
		return first.Environment
	}
	environment := maps.Clone(first.Environment)
	delete(environment, scaletest.FactLoad)
	delete(environment, scaletest.FactRecords)
	return environment
}
