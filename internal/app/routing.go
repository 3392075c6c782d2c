package app

import (
	"errors"
	"log/slog"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
	"github.com/flink-sidecar/flink-sidecar/internal/notices"
)

// Reasons to decline an alert, as words for metrics.
const (
	// reasonUnknownJob: the alert is about no job of these clusters.
	reasonUnknownJob = "unknown_job"
	// reasonAmbiguous: the alert may be about jobs of several clusters.
	reasonAmbiguous = "ambiguous"
)

// router brings every alert into the loop.
type router struct {
	loop     *loop.Loop
	clusters clusters.Clusters
	outgoing notices.Outgoing
	log      *slog.Logger
}

// Submit implements alerts.Sink.
func (i *router) Submit(alert episode.Alert) (accepted bool, reason string, err error) {
	if alert.Resolved() {
		receipt, err := i.loop.Submit(alert)
		i.outgoing.Tell(alert, receipt.Episode)
		return receipt.Accepted, receipt.Reason, err
	}
	placed, err := i.clusters.Place(alert)
	switch {
	case errors.Is(err, clusters.ErrNotLooked):
		return false, "", err
	case err != nil:
		reason := reasonUnknownJob
		if errors.Is(err, clusters.ErrAmbiguous) {
			reason = reasonAmbiguous
		}
		i.log.Warn("Alert declined", "rule", alert.Rule, "cluster", alert.Cluster, "job", alert.Job,
			"raised_by", alert.Source, "err", err)
		i.loop.Decline(alert, reason, err.Error())
		return false, reason, nil
	}
	receipt, err := i.loop.Submit(placed)
	if err == nil {
		i.outgoing.Tell(placed, receipt.Episode)
	}
	return receipt.Accepted, receipt.Reason, err
}

// Raise implements routes.Alerts: an alert of a person, who gets the reason if it is
// declined.
func (i *router) Raise(alert episode.Alert) (api.Receipt, error) {
	placed, err := i.clusters.Place(alert)
	switch {
	case errors.Is(err, clusters.ErrNotLooked):
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
