package main

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/loop"
)

// reasonUnknownJob declines an alert about a job that this Flink does not have.
const reasonUnknownJob = "unknown_job"

// errNotLooked: nothing can be said about an alert's job before the first poll.
var errNotLooked = errors.New("no poll of Flink has succeeded yet (offer it again in a moment)")

// intake is the way of every alert into the loop. It finds the job that an alert
// is about, for what Prometheus knows of it depends on how it was scraped.
type intake struct {
	loop      *loop.Loop
	collector *collector.Collector
	cluster   string
	log       *slog.Logger
}

// Submit implements alerts.Sink.
func (i *intake) Submit(alert episode.Alert) (accepted bool, reason string, err error) {
	if alert.Resolved() {
		receipt, err := i.loop.Submit(alert)
		return receipt.Accepted, receipt.Reason, err
	}
	placed, err := i.place(alert)
	switch {
	case errors.Is(err, errNotLooked):
		return false, "", err
	case err != nil:
		i.log.Warn("Alert declined", "rule", alert.Rule, "job", alert.Job, "raised_by", alert.Source, "err", err)
		i.loop.Decline(alert, reasonUnknownJob)
		return false, reasonUnknownJob, nil
	}
	receipt, err := i.loop.Submit(placed)
	return receipt.Accepted, receipt.Reason, err
}

// Raise implements api.Alerts: an alert of a person, who is told what is wrong
// with it.
func (i *intake) Raise(alert episode.Alert) (api.Receipt, error) {
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

// place fills in cluster and job. A label cluster may well name something else
// than our cluster, such as a Kubernetes cluster: the job decides.
func (i *intake) place(alert episode.Alert) (episode.Alert, error) {
	alert.Cluster = i.cluster
	if _, known := i.collector.Cluster(); !known && len(i.collector.Jobs()) == 0 {
		return alert, errNotLooked
	}
	if alert.Process != "" && alert.Job == "" {
		return i.placeProcess(alert)
	}
	if alert.Job == "" {
		job, err := i.onlyJob()
		alert.Job = job
		return alert, err
	}
	if _, known := i.collector.Job(alert.Job); !known {
		return alert, fmt.Errorf("there is no job %q (name a job of this Flink: %s)", alert.Job, i.jobNames())
	}
	return alert, nil
}

// placeProcess: an alert about a JVM is about the only job, if there is only one.
func (i *intake) placeProcess(alert episode.Alert) (episode.Alert, error) {
	alert.Job, _ = i.onlyJob()
	return alert, nil
}

func (i *intake) onlyJob() (string, error) {
	var running []string
	for _, job := range i.collector.Jobs() {
		if job.State == "RUNNING" {
			running = append(running, job.Name)
		}
	}
	switch len(running) {
	case 1:
		return running[0], nil
	case 0:
		return "", errors.New("no job runs (submit one)")
	}
	return "", fmt.Errorf("%d jobs run (name one: %s)", len(running), strings.Join(running, ", "))
}

func (i *intake) jobNames() string {
	var names []string
	for _, job := range i.collector.Jobs() {
		names = append(names, job.Name)
	}
	if len(names) == 0 {
		return "it has none"
	}
	return strings.Join(names, ", ")
}
