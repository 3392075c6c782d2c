package profiling

import (
	"bytes"
	"context"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

const (
	// betweenDumps is the least time between two thread dumps: Flink holds all
	// threads of the process still to write one, with the monitors they have.
	betweenDumps = 500 * time.Millisecond
	// restPerDump is how many times as long as a dump took nothing is asked, so that
	// a process for which it is hard is left alone for four fifths of the time at
	// least: only a part of what a dump takes is spent holding threads still.
	restPerDump = 4
	// slowDump is how long a dump may take before no more are asked for. On a busy JVM
	// with thousands of threads one pause has outlasted a TaskManager's heartbeat, see
	// FLINK-39984.
	slowDump = 2 * time.Second
	// maxDump bounds a dump: a thread has some 2 KB.
	maxDump = 32 << 20
	// cutShare of all stacks may be cut off below without a word.
	cutShare = 0.1
)

// dumps are the threads of a process as several thread dumps have them.
type dumps struct {
	tree           *flame.Tree
	taken, missed  int
	threads, cut   int64
	slowest        time.Duration // what one of them took
	began, stopped time.Time
}

// takeThreads makes a profile of thread dumps, which every Flink offers. It says
// little of what is brief, and only where threads can be held still; but it needs
// no profiler.
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

// sampleThreads takes dumps for duration, at least one. Of those that Flink does not
// answer only the first is missed enough to give up.
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

// warnings tell what a reader must know who takes this for a profile.
func (d *dumps) warnings() []string {
	texts := []string{fmt.Sprintf("It is made of %d thread dumps: what takes less than some milliseconds shows by chance, and waiting looks like work where a thread waits in native code.", d.taken)}
	if d.missed > 0 {
		texts = append(texts, fmt.Sprintf("Flink gave no answer to %d more.", d.missed))
	}
	if d.slowest > slowDump {
		texts = append(texts, fmt.Sprintf("One took Flink %s, so no more were asked for (set rest.profiling.enabled: true).", d.slowest.Round(100*time.Millisecond)))
	}
	if float64(d.cut) > cutShare*float64(d.threads) {
		texts = append(texts, fmt.Sprintf("%d of %d stacks are cut off below (raise cluster.thread-dump.stacktrace-max-depth).", d.cut, d.threads))
	}
	return texts
}

// threadDump asks for what all threads of the process are doing.
func (r remote) threadDump(ctx context.Context) ([]byte, *Error) {
	return r.whole(ctx, "/thread-dump", "", maxDump)
}
