package testrun

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/wait"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

// machine reads what the machines of a job have done.
type machine struct {
	client       *api.Client
	cluster, job string
}

// readWithin bounds the wait for a poll of Flink.
const readWithin = 45 * time.Second

// read implements scaletest.Machine.
func (m machine) read(ctx context.Context, notBefore time.Time) (r scaletest.Reading, ok bool) {
	of := scaletest.Subject{Cluster: m.cluster, Job: m.job}
	for deadline := time.Now().Add(readWithin); ; {
		status, err := m.client.Status(ctx)
		if err != nil {
			return r, false
		}
		job, cluster, up := find(status, of)
		if up && !cluster.Polled.Before(notBefore) && job.ID != "" {
			r = reading(job)
			r.At = cluster.Polled
			return r, true
		}
		if time.Now().After(deadline) || wait.For(ctx, askEvery) != nil {
			return r, false
		}
	}
}

func reading(job api.Job) scaletest.Reading {
	r := scaletest.Reading{
		CPUSeconds: job.CPUSeconds, GCSeconds: job.GCSeconds, ExchangedBytes: job.ExchangedBytes, Deployment: job.ID,
	}
	for _, v := range job.Vertices {
		if v.Backpressured != nil && (r.Backpressure == nil || v.Backpressured.Mean > *r.Backpressure) {
			share := v.Backpressured.Mean
			r.Backpressure = &share
		}
	}
	if job.Checkpoints != nil {
		r.Checkpoints = &job.Checkpoints.Completed
	}
	if job.Restarts != nil {
		restarts := int(*job.Restarts)
		r.Restarts = &restarts
	}
	return r
}
