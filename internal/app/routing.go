package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Reasons to decline an alert, as words for metrics.
const (
	// reasonUnknownJob: the alert is about no job of these clusters.
	reasonUnknownJob = "unknown_job"
	// reasonAmbiguous: the alert may be about jobs of several clusters.
	reasonAmbiguous = "ambiguous"
)

// errNotLooked: before the first poll an alert's job is unknown.
var errNotLooked = errors.New("no poll of Flink has succeeded yet (send it again in a moment)")

// errAmbiguous is wrapped where an alert does not determine its cluster.
var errAmbiguous = errors.New("several clusters have it")

// router brings every alert into the loop. It finds the cluster and the job of an alert;
// the labels that Prometheus adds depend on how it was scraped.
type router struct {
	loop     *loop.Loop
	clusters clusters
	log      *slog.Logger
}

// Submit implements alerts.Sink.
func (i *router) Submit(alert episode.Alert) (accepted bool, reason string, err error) {
	if alert.Resolved() {
		receipt, err := i.loop.Submit(alert)
		return receipt.Accepted, receipt.Reason, err
	}
	placed, err := i.place(alert)
	switch {
	case errors.Is(err, errNotLooked):
		return false, "", err
	case err != nil:
		reason := reasonUnknownJob
		if errors.Is(err, errAmbiguous) {
			reason = reasonAmbiguous
		}
		i.log.Warn("Alert declined", "rule", alert.Rule, "cluster", alert.Cluster, "job", alert.Job,
			"raised_by", alert.Source, "err", err)
		i.loop.Decline(alert, reason)
		return false, reason, nil
	}
	receipt, err := i.loop.Submit(placed)
	return receipt.Accepted, receipt.Reason, err
}

// Raise implements api.Alerts: an alert of a person, who gets the reason if it is
// declined.
func (i *router) Raise(alert episode.Alert) (api.Receipt, error) {
	placed, err := i.place(alert)
	switch {
	case errors.Is(err, errNotLooked):
		return api.Receipt{}, &api.Error{Status: http.StatusServiceUnavailable, Message: err.Error()}
	case err != nil:
		return api.Receipt{}, &api.Error{Status: http.StatusBadRequest, Message: err.Error()}
	}
	receipt, err := i.loop.Submit(placed)
	if errors.Is(err, loop.ErrFull) {
		err = &api.Error{Status: http.StatusServiceUnavailable, Message: err.Error()}
	}
	return api.Receipt(receipt), err
}

// place fills in cluster and job.
func (i *router) place(alert episode.Alert) (episode.Alert, error) {
	among, err := i.among(alert)
	if err != nil {
		return alert, err
	}
	looked := slices.DeleteFunc(slices.Clone(among), func(c *cluster) bool { return !c.looked() })
	if len(looked) == 0 {
		return alert, errNotLooked
	}
	found, err := looked.concerned(alert)
	if err != nil && !errors.Is(err, errAmbiguous) && len(looked) < len(among) {
		return alert, errNotLooked // it may be in a cluster without a poll so far
	}
	if err != nil {
		return alert, err
	}
	alert.Cluster, alert.Job = found.Cluster, found.Job
	return alert, nil
}

// among returns the clusters that an alert may be about: the one that it names, or any. A
// label cluster may also name something other than a Flink cluster, such as a Kubernetes
// cluster: then the job decides. A name from a person is taken literally.
func (i *router) among(alert episode.Alert) (clusters, error) {
	if alert.Cluster == "" {
		return i.clusters, nil
	}
	c, err := i.clusters.of(alert.Cluster)
	switch {
	case err == nil:
		return clusters{c}, nil
	case alert.Asked():
		return nil, err
	}
	return i.clusters, nil
}

// concerned returns the job that an alert is about: the named one, or else the only
// running one. An alert about a process may have no job.
func (cs clusters) concerned(alert episode.Alert) (episode.JobRef, error) {
	switch {
	case alert.Job != "":
		return cs.withJob(alert.Job)
	case alert.Process == "":
		return cs.onlyJob()
	}
	c, err := cs.withProcess(alert.Process)
	if err != nil {
		return episode.JobRef{}, err
	}
	job, err := clusters{c}.onlyJob()
	if err != nil {
		return episode.JobRef{Cluster: c.Name()}, nil
	}
	return job, nil
}

// withJob finds a job by its name. A live job has precedence over an ended one.
func (cs clusters) withJob(name string) (episode.JobRef, error) {
	var all, live clusters
	for _, c := range cs {
		job, listed := c.Job(name)
		if listed {
			all = append(all, c)
		}
		if listed && job.State != snapshot.Gone && !(flink.JobSummary{State: job.State}).Ended() {
			live = append(live, c)
		}
	}
	if len(live) > 0 {
		all = live
	}
	switch len(all) {
	case 0:
		return episode.JobRef{}, fmt.Errorf("there is no job %q (name a job of this Flink: %s)", name, cs.jobNames())
	case 1:
		return episode.JobRef{Cluster: all[0].Name(), Job: name}, nil
	}
	return episode.JobRef{}, fmt.Errorf("%w: a job %q (name one of the clusters %s)", errAmbiguous, name, all)
}

// withProcess finds the cluster of a process. A single cluster is returned without a
// check: the profiler reports a process that is gone.
func (cs clusters) withProcess(process string) (*cluster, error) {
	if len(cs) == 1 {
		return cs[0], nil
	}
	having := slices.DeleteFunc(slices.Clone(cs), func(c *cluster) bool { return !c.State().HasProcess(process) })
	switch len(having) {
	case 0:
		return nil, fmt.Errorf("no cluster has a TaskManager %q "+
			"(the label process must be a TaskManager's id, or jobmanager)", process)
	case 1:
		return having[0], nil
	}
	return nil, fmt.Errorf("%w: a process %q (name one of the clusters %s)", errAmbiguous, process, having)
}

// onlyJob is the only running job.
func (cs clusters) onlyJob() (episode.JobRef, error) {
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

// jobNames lists the known jobs.
func (cs clusters) jobNames() string {
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
func (cs clusters) listOf(jobs []episode.JobRef) string {
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
