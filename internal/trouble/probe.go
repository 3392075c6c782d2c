package trouble

import (
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Probe is the account of the synthetic records at one moment.
type Probe struct {
	Cluster string
	// Job is the probed job. If Flink does not list it, only its name is set. While it does
	// not run as a whole nothing can be said of the records.
	Job snapshot.Job
	// OnTimeWithin is how long a record may take.
	OnTimeWithin time.Duration
	// Blind is true if a server of the probe is down, or the probe is paused.
	Blind bool
	// Sinks is empty until the history was read.
	Sinks []Sink
}

// Sink counts the records of all time at one sink.
type Sink struct {
	Name string
	// Arrived are seen, whether in time or not. Pending are on their way, Lost have not
	// been seen until the cut-off.
	Arrived, Pending, Lost int64
}

// sinkMemory is what is kept of one sink.
type sinkMemory struct {
	arrived, lost int64
	// open is since when records are on their way of which none has arrived; zero if none
	// is on its way.
	open time.Time
	// missed is true if one was lost since the last one arrived.
	missed bool
	// silent is true from when that took too long until the next one arrives.
	silent bool
}

// Probed takes the account of the probe.
func (w *Watch) Probed(p Probe, now time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	k := key{kind: ProbeRecordsMissing, cluster: p.Cluster, job: p.Job.Name}
	switch {
	case p.Job.Known && over(p.Job): // the records on their way cannot arrive, which is no fault
		clear(w.sinks)
		w.settle(k, absent, Trouble{}, now)
		return
	case len(p.Sinks) == 0:
		return
	}
	p.Blind = p.Blind || !p.Job.Known || runsWhole(p.Job) != present
	since := now
	var silent []string
	for _, s := range p.Sinks {
		memory := w.sinks[s.Name].next(s, p, now)
		w.sinks[s.Name] = memory
		if memory.silent {
			silent = append(silent, s.Name)
			since = earlier(since, memory.open)
		}
	}
	if len(silent) == 0 {
		w.settle(k, absent, Trouble{}, now)
		return
	}
	w.settle(k, present, missingRecords(p, silent, since), now)
}

// next judges a sink. Only a record that arrives ends the silence: that none is on its way
// any more is no sign of it.
func (m sinkMemory) next(s Sink, p Probe, now time.Time) sinkMemory {
	out := sinkMemory{
		arrived: s.Arrived, lost: s.Lost, open: m.open, silent: m.silent,
		missed: m.missed || s.Lost > m.lost && !m.open.IsZero(),
	}
	switch {
	case s.Arrived > m.arrived:
		out.silent, out.missed, out.open = false, false, time.Time{}
		if s.Pending > 0 {
			out.open = now
		}
	case m.silent:
	case p.Blind: // time without a view of the sinks does not count
		out.open, out.missed = time.Time{}, false
	case s.Pending == 0 && !out.missed:
		out.open = time.Time{}
	case out.open.IsZero():
		out.open = now
	}
	if !out.open.IsZero() && !p.Blind && now.Sub(out.open) >= p.OnTimeWithin {
		out.silent = true
	}
	return out
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

func missingRecords(p Probe, silent []string, since time.Time) Trouble {
	where := several(slices.Sorted(slices.Values(silent)))
	seen := fmt.Sprintf("no probe record has arrived at %s within %s", where, plaintext.Span(p.OnTimeWithin))
	do := "the sinks that are not named get them: see the branch of the job that writes to " + where
	if len(silent) == len(p.Sinks) {
		seen = fmt.Sprintf("no probe record of job %s has arrived at any sink (%s) within %s", quoted(p.Job.Name), where,
			plaintext.Span(p.OnTimeWithin))
		do = "see whether the job reads this topic, accepts this payload, and passes the seed on to its sinks"
	}
	return Trouble{What: "Probe records do not arrive", Subject: where, Since: since, Seen: seen, Do: do}
}
