package app

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
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
	outgoing outgoing
	log      *slog.Logger
}

// Submit implements alerts.Sink.
func (i *router) Submit(alert episode.Alert) (accepted bool, reason string, err error) {
	if alert.Resolved() {
		receipt, err := i.loop.Submit(alert)
		i.outgoing.tell(alert, receipt.Episode)
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
		i.loop.Decline(alert, reason, err.Error())
		return false, reason, nil
	}
	receipt, err := i.loop.Submit(placed)
	if err == nil {
		i.outgoing.tell(placed, receipt.Episode)
	}
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
	if errors.Is(err, loop.ErrFull) || errors.Is(err, loop.ErrNotReady) {
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
	some := len(looked) < len(among)
	switch {
	case some && err != nil && !errors.Is(err, errAmbiguous), some && err == nil && !looked.certain(found, alert):
		return alert, fmt.Errorf("a cluster has not answered, and the alert may be about it "+
			"(give the alert the label cluster): %w", errNotLooked)
	case err != nil:
		return alert, err
	}
	alert.Cluster, alert.Job, alert.FoundBy = found.Cluster, found.Job, found.by
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
