package profiler

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

const (
	// betweenDumps is the least time between two thread dumps: Flink stops all threads of
	// the process to write one, with their monitors.
	betweenDumps = 500 * time.Millisecond
	// restPerDump is the pause after a dump as a multiple of its time, so that a process
	// for which dumps are slow is left alone for at least four fifths of the time:
	// threads stand still only for a part of a dump's time.
	restPerDump = 4
	// slowDump is the time of a dump after which no more are taken. On a busy JVM with
	// thousands of threads one pause has outlasted a TaskManager's heartbeat, see
	// FLINK-39984.
	slowDump = 2 * time.Second
	// maxDump bounds a dump: a thread has some 2 KB.
	maxDump = 32 << 20
	// cutShare is the share of stacks that may be cut off below without a warning.
	cutShare = 0.1
)

// dumps are the threads of a process from several thread dumps.
type dumps struct {
	tree           *flame.Tree
	taken, missed  int
	threads, cut   int64
	slowest        time.Duration // what one of them took
	began, stopped time.Time
}

// takeThreads makes a profile of thread dumps, which every Flink offers. It shows little
// of brief work, and only places where threads can stop; but it needs no profiler.
func (p *Profiler) takeThreads(ctx context.Context, remote remote, duration time.Duration) (Result, *Error) {
	sampled, failure := p.sampleThreads(ctx, remote, duration)
	if failure != nil {
		return Result{}, failure
	}
	var text bytes.Buffer
	if err := sampled.tree.WriteCollapsed(&text); err != nil {
		return Result{}, &Error{Outcome: Unreadable, Err: err}
	}
	result := p.result(sampled.tree, flame.Threads, sampled.began, text.Bytes())
	profile := &result.Profile
	profile.Process, profile.Duration = remote.process, sampled.stopped.Sub(sampled.began)
	profile.Warnings = append(profile.Warnings, sampled.warnings()...)
	return result, nil
}

// sampleThreads takes dumps for duration, at least one. Only a missing first dump is an
// error.
func (p *Profiler) sampleThreads(ctx context.Context, remote remote, duration time.Duration) (dumps, *Error) {
	all := dumps{tree: flame.New(), began: p.Now()}
	for until := all.began.Add(duration); ; {
		asked := p.Now()
		failure := all.add(remote.threadDump(ctx))
		switch {
		case failure == nil:
		case all.taken == 0:
			return dumps{}, failure
		case failure.Outcome == UnknownProcess:
			failure.Outcome = Lost
			return dumps{}, failure
		case failure.Outcome != Unreachable:
			return dumps{}, failure
		}
		all.stopped = p.Now()
		took := all.stopped.Sub(asked)
		all.slowest = max(all.slowest, took)
		pause := max(betweenDumps, restPerDump*took)
		if took > slowDump || all.stopped.Add(pause).After(until) {
			return all, nil
		}
		if err := p.Sleep(ctx, pause); err != nil {
			return dumps{}, &Error{Outcome: Canceled, Err: err}
		}
	}
}

// add counts one dump, if there is one.
func (d *dumps) add(dump []byte, failure *Error) *Error {
	if failure != nil {
		d.missed++
		return failure
	}
	threads, cut, err := d.tree.AddThreads(dump)
	if err != nil {
		return &Error{Outcome: Unreadable, Err: err}
	}
	d.taken++
	d.threads += threads
	d.cut += cut
	return nil
}

// warnings are the limits of thread dumps that a reader of the profile must know.
func (d *dumps) warnings() []string {
	texts := []string{fmt.Sprintf("It is made of %d thread dumps: work of less than some milliseconds appears by "+
		"chance, and a thread that waits in native code looks busy.", d.taken)}
	if d.missed > 0 {
		texts = append(texts, fmt.Sprintf("Flink did not answer %d more requests.", d.missed))
	}
	if d.slowest > slowDump {
		texts = append(texts, fmt.Sprintf("One took Flink %s, so no more were taken "+
			"(set rest.profiling.enabled: true).", d.slowest.Round(100*time.Millisecond)))
	}
	if float64(d.cut) > cutShare*float64(d.threads) {
		texts = append(texts, fmt.Sprintf("%d of %d stacks are cut off below "+
			"(raise cluster.thread-dump.stacktrace-max-depth).", d.cut, d.threads))
	}
	return texts
}

// threadDump reads what all threads of the process do.
func (r remote) threadDump(ctx context.Context) ([]byte, *Error) {
	return r.whole(ctx, "/thread-dump", "", maxDump)
}
