package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/jars"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/prerequisites"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/session"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

// cluster is a stack of the launcher for the time of a measurement.
type cluster struct {
	*stack.Stack
	dir string
}

// startCluster starts a stack with these options, in a directory of its own.
func startCluster(ctx context.Context, options stack.Options) (c *cluster, err error) {
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	if options.Source, err = jars.FindSource(here); err != nil {
		return nil, err
	}
	if options.Cache, err = jars.DefaultDir(); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "bench")
	if err != nil {
		return nil, err
	}
	options.Dir = filepath.Join(dir, "stack")
	options.Report = func(service, event string) { fmt.Fprintf(os.Stderr, "%s: %s\n", service, event) }
	s, err := stack.Open(ctx, options, prerequisites.This())
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	c = &cluster{Stack: s, dir: dir}
	if err := s.Up(ctx); err != nil {
		return nil, errors.Join(err, c.stop())
	}
	return c, nil
}

func (c *cluster) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	return errors.Join(c.Close(ctx), os.RemoveAll(c.dir))
}

// pid is the process of a service.
func (c *cluster) pid(service string) (int, error) {
	for _, s := range c.State().Services {
		if s.Name == service && s.PID > 0 {
			return s.PID, nil
		}
	}
	return 0, fmt.Errorf("%s does not run", service)
}

// runParallel runs the job without work, in the given size.
func (c *cluster) runParallel(ctx context.Context, parallelism, vertices int) (jobID string, err error) {
	jar, err := c.JobJar(ctx)
	if err != nil {
		return "", err
	}
	flink := session.Client{URL: c.State().FlinkURL}
	jarID, err := flink.Upload(ctx, jar)
	if err != nil {
		return "", err
	}
	jobID, err = flink.Run(ctx, jarID, session.Program{
		EntryClass: "org.flinksidecar.sample.ParallelJob",
		Args: []string{
			"--parallelism=" + strconv.Itoa(parallelism), "--vertices=" + strconv.Itoa(vertices),
			"--rate=1000",
		},
	})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	return jobID, flink.WaitRunning(ctx, jobID)
}

func (c *cluster) cancel(ctx context.Context, jobID string) error {
	return session.Client{URL: c.State().FlinkURL}.Cancel(ctx, jobID)
}
