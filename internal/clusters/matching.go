package clusters

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// found is the job that an alert is about.
type found struct {
	episode.JobRef

	// by says how it was found; empty where the alert names it as Flink does.
	by string
}

// byID says that the label job_id named the job, which no other cluster has.
const byID = "the label job_id"

// certain reports whether a job that was found in these clusters cannot be in another one:
// its id is in the alert, or the process is a TaskManager of one of these.
func (cs Clusters) certain(job found, alert episode.Alert) bool {
	if job.by == byID {
		return true
	}
	named := alert.Job != "" && !alert.Labels.Scrape || alert.Labels.Name != ""
	return !named && alert.Process != "" && alert.Process != snapshot.JobManager &&
		slices.ContainsFunc(cs, func(c *Cluster) bool { return c.State().HasProcess(alert.Process) })
}

// concerned returns the job that an alert is about. In this order: the job with the id in
// the label job_id, the job with one of the names in the labels, and the only job that
// runs, unless a label names a job of Flink that is not here. An alert about a process
// need not be about a job.
func (cs Clusters) concerned(alert episode.Alert) (found, error) {
	if id := alert.Labels.ID; id != "" {
		ref, err := cs.matching("with the id "+id, func(job snapshot.Job) bool { return job.ID == id })
		if err == nil {
			return found{ref, byID}, nil
		}
	}
	var missing error
	for _, name := range []string{alert.Job, alert.Labels.Name} {
		if name == "" {
			continue
		}
		job, err := cs.withJob(name)
		if err == nil || errors.Is(err, ErrAmbiguous) {
			return job, err
		}
		missing = err
	}
	named := alert.Labels.ID != "" || alert.Labels.Name != "" || alert.Job != "" && !alert.Labels.Scrape
	switch {
	case named && missing == nil:
		return found{}, fmt.Errorf("there is no job with the id %q (name a job of this Flink: %s)", alert.Labels.ID,
			cs.jobNames())
	case named:
		return found{}, missing
	case alert.Process != "":
		return cs.ofProcess(alert.Process)
	}
	return cs.onlyOne(alert.Job != "")
}

// ofProcess is the only job of the cluster that has a process, or no job.
func (cs Clusters) ofProcess(process string) (found, error) {
	c, err := cs.withProcess(process)
	if err != nil {
		return found{}, err
	}
	job, err := Clusters{c}.onlyJob()
	if err != nil {
		return found{JobRef: episode.JobRef{Cluster: c.Name()}}, nil
	}
	return found{JobRef: job}, nil
}

// onlyOne is the only job that runs. otherwise is true if the alert has a label job that
// is no job of Flink.
func (cs Clusters) onlyOne(otherwise bool) (found, error) {
	job, err := cs.onlyJob()
	if err != nil || !otherwise {
		return found{JobRef: job}, err
	}
	return found{job, "being the only job that runs"}, nil
}

// matching returns the one job that fits. One that has ended steps back behind one that
// lives. what describes the search in an error.
func (cs Clusters) matching(what string, fits func(snapshot.Job) bool) (episode.JobRef, error) {
	var all, live []episode.JobRef
	for _, c := range cs {
		for _, job := range c.Jobs() {
			if !fits(job) {
				continue
			}
			ref := episode.JobRef{Cluster: c.Name(), Job: job.Name}
			all = append(all, ref)
			if job.State != snapshot.Gone && !(flink.JobSummary{State: job.State}).Ended() {
				live = append(live, ref)
			}
		}
	}
	if len(live) > 0 {
		all = live
	}
	switch len(all) {
	case 0:
		return episode.JobRef{}, fmt.Errorf("there is no job %s (name a job of this Flink: %s)", what, cs.jobNames())
	case 1:
		return all[0], nil
	}
	var having []string
	for _, ref := range all {
		having = append(having, ref.Cluster)
	}
	return episode.JobRef{}, fmt.Errorf("%w: a job %s (name one of the clusters %s)", ErrAmbiguous, what,
		strings.Join(having, ", "))
}

// withJob finds a job by its name, as Flink writes it or as Flink's Prometheus reporter
// does.
func (cs Clusters) withJob(name string) (found, error) {
	ref, err := cs.matching(fmt.Sprintf("%q", name), func(job snapshot.Job) bool { return job.Name == name })
	if err == nil || errors.Is(err, ErrAmbiguous) {
		return found{JobRef: ref}, err
	}
	ref, mangled := cs.matching(fmt.Sprintf("%q", name),
		func(job snapshot.Job) bool { return asLabel(job.Name) == name })
	if mangled == nil || errors.Is(mangled, ErrAmbiguous) {
		return found{ref, "its name, as Flink's Prometheus reporter writes it"}, mangled
	}
	return found{}, err
}

// asLabel is a name as Flink's Prometheus reporter writes it into a label.
func asLabel(name string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || r == ':' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, name)
}

// withProcess finds the cluster of a process. The only cluster need not have it:
// that it is gone is for the profiler to say.
func (cs Clusters) withProcess(process string) (*Cluster, error) {
	if len(cs) == 1 {
		return cs[0], nil
	}
	having := slices.DeleteFunc(slices.Clone(cs), func(c *Cluster) bool { return !c.State().HasProcess(process) })
	switch len(having) {
	case 0:
		return nil, fmt.Errorf("no cluster has a TaskManager %q "+
			"(the label process must be a TaskManager's id, or jobmanager)", process)
	case 1:
		return having[0], nil
	}
	return nil, fmt.Errorf("%w: a process %q (name one of the clusters %s)", ErrAmbiguous, process, having)
}

// onlyJob is the only job that runs.
func (cs Clusters) onlyJob() (episode.JobRef, error) {
	var running []episode.JobRef
	for _, c := range cs {
		for _, job := range c.Jobs() {
			if job.State == flink.JobRunning {
				running = append(running, episode.JobRef{Cluster: c.Name(), Job: job.Name})
			}
		}
	}
	switch len(running) {
	case 1:
		return running[0], nil
	case 0:
		return episode.JobRef{}, errors.New("no job runs (submit one)")
	}
	return episode.JobRef{}, fmt.Errorf("%d jobs run (name one: %s)", len(running), cs.listOf(running))
}

// jobNames lists the jobs that there are.
func (cs Clusters) jobNames() string {
	var all []episode.JobRef
	for _, c := range cs {
		for _, job := range c.Jobs() {
			all = append(all, episode.JobRef{Cluster: c.Name(), Job: job.Name})
		}
	}
	if len(all) == 0 {
		return "it has none"
	}
	return cs.listOf(all)
}

// maxListed is how many jobs a message names.
const maxListed = 20

// listOf names jobs, with their clusters where there are several.
func (cs Clusters) listOf(jobs []episode.JobRef) string {
	var names []string
	for _, job := range jobs[:min(len(jobs), maxListed)] {
		name := job.Job
		if len(cs) > 1 {
			name += " on " + job.Cluster
		}
		names = append(names, name)
	}
	if more := len(jobs) - maxListed; more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}
