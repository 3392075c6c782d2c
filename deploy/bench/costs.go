package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

// costs measures the JobManager's CPU time for each poll.
type costs struct {
	parallelism, vertices, repetitions int
}

const (
	// warmUp is the time before the measurement, in which the JVMs compile code and the
	// metric store fills.
	warmUp = 45 * time.Second
	// small is the other parallelism at which requests are counted.
	small = 4
)

// A metrics request makes Flink fetch from its processes, at most every ten seconds. This
// costs the same for every client, and comes after the answer. So a poll is measured
// twice.
var spans = [2]struct {
	name string
	// touched is true if the fetch was triggered before, so that the poll costs the
	// answers only.
	touched        bool
	quiet, watched time.Duration // before and while the JobManager is watched
}{
	{"answers", true, 3 * time.Second, 5 * time.Second},
	{"with the fetch", false, 4 * time.Second, 12 * time.Second},
}

// pattern is a way to poll Flink.
type pattern struct {
	name     string
	poll     func(context.Context) error
	requests func() (int, error)   // so far
	cpu      [len(spans)]durations // of the JobManager, for each poll
	wall     durations
	asked    []int
}

type durations []time.Duration

func (c *costs) measure(ctx context.Context, version string) (err error) {
	cluster, err := startCluster(ctx, stack.Options{
		FlinkOnly: true, FlinkVersion: version,
		Size: stack.Size{Slots: c.parallelism / 2, NetworkMiB: 512, Settings: []string{
			"taskmanager.memory.segment-size=4kb", // an all-to-all edge has a buffer or two for each pair of subtasks
			"pekko.ask.timeout=2min",              // hundreds of tasks are deployed at once, on two cores
		}},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.stop()) }()
	fmt.Printf("Flink %s, %d vertices; load of the machine %s\n", version, c.vertices, load())
	for _, size := range []struct{ parallelism, repetitions int }{{small, 2}, {c.parallelism, c.repetitions}} {
		if err := c.at(ctx, cluster, size.parallelism, size.repetitions); err != nil {
			return err
		}
	}
	return nil
}

// at measures at one parallelism, with a job that runs only meanwhile.
func (c *costs) at(ctx context.Context, cluster *cluster, parallelism, repetitions int) (err error) {
	jobManager, err := cluster.pid("jobmanager")
	if err != nil {
		return err
	}
	job, err := cluster.runParallel(ctx, parallelism, c.vertices)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.cancel(context.WithoutCancel(ctx), job)) }()
	patterns, err := patternsAt(cluster.State().FlinkURL)
	if err != nil {
		return err
	}
	for _, p := range patterns {
		if err := p.poll(ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	if !rest(ctx, warmUp) {
		return ctx.Err()
	}
	toucher := peer{url: cluster.State().FlinkURL}
	for range repetitions {
		for _, p := range patterns {
			for span := range spans {
				if err := p.measure(ctx, jobManager, span, toucher.touch); err != nil {
					return fmt.Errorf("%s: %w", p.name, err)
				}
			}
		}
	}
	fmt.Printf("\nparallelism %d, %d polls of each pattern in turn, load %s\n", parallelism, repetitions, load())
	return printCosts(patterns)
}

func patternsAt(url string) ([]*pattern, error) {
	ours, err := newSidecar(url)
	if err != nil {
		return nil, err
	}
	of := func(name string, do func(*peer, context.Context) error) *pattern {
		p := &peer{url: url}
		return &pattern{
			name:     name,
			poll:     func(ctx context.Context) error { return do(p, ctx) },
			requests: func() (int, error) { return p.requests, nil },
		}
	}
	return []*pattern{
		of("each subtask, all names", (*peer).perSubtask),
		{name: "the sidecar", poll: ours.poll, requests: ours.requests},
		of("aggregated, all names", (*peer).aggregated),
		of("one request", (*peer).touch),
		of("nothing", func(*peer, context.Context) error { return nil }),
	}, nil
}

// measure polls once and watches the JobManager for as long as the span says.
func (p *pattern) measure(ctx context.Context, jobManager, span int, touch func(context.Context) error) error {
	if spans[span].touched {
		if err := touch(ctx); err != nil {
			return err
		}
	}
	if !rest(ctx, spans[span].quiet) {
		return ctx.Err()
	}
	before, err := p.requests()
	if err != nil {
		return err
	}
	used, err := cpuTime(jobManager)
	if err != nil {
		return err
	}
	began := time.Now()
	if err := p.poll(ctx); err != nil {
		return err
	}
	p.wall = append(p.wall, time.Since(began))
	if !rest(ctx, spans[span].watched-time.Since(began)) && ctx.Err() != nil {
		return ctx.Err()
	}
	usedSince, err := cpuTime(jobManager)
	if err != nil {
		return err
	}
	p.cpu[span] = append(p.cpu[span], usedSince-used)
	after, err := p.requests()
	p.asked = append(p.asked, after-before)
	return err
}

// printCosts prints the cost of each pattern above idle, and the ratio to the first one.
// Least and most show the spread.
func printCosts(patterns []*pattern) error {
	out := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(out, "JobManager CPU\trequests\twall\t")
	for _, span := range spans {
		fmt.Fprintf(out, "%s\tleast to most\ttimes less\t", span.name)
	}
	fmt.Fprintln(out)
	last := len(patterns) - 1
	for i, p := range patterns {
		fmt.Fprintf(out, "%s\t%d\t%s\t", p.name, median(p.asked), ms(median(p.wall)))
		for span := range spans {
			idle := median(patterns[last].cpu[span])
			if i == last {
				idle = 0
			}
			cost, first := median(p.cpu[span])-idle, median(patterns[0].cpu[span])-idle
			low, high := extent(p.cpu[span])
			fmt.Fprintf(out, "%s\t%s to %s\t%s\t", ms(cost), ms(low-idle), ms(high-idle),
				less(i > 0 && i < last, first, cost))
		}
		fmt.Fprintln(out)
	}
	return out.Flush()
}

func less(comparable bool, peer, ours time.Duration) string {
	if !comparable || ours <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", peer.Seconds()/ours.Seconds())
}

func extent(values []time.Duration) (least, most time.Duration) {
	least, most = values[0], values[0]
	for _, v := range values {
		least, most = min(least, v), max(most, v)
	}
	return least, most
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", d.Seconds()*1000) }
