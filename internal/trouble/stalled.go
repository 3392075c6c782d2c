package trouble

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

const (
	// blocked is the share of time from which a source counts as fully backpressured: it
	// reads nothing. The rest is what a share of time loses by rounding.
	blocked = 0.95
	// half is the share from which a vertex waits for one downstream for most of the time.
	half = 0.5
	// leftover is how many records may seem to wait although there is nothing to read:
	// the markers of Kafka's transactions have offsets, but no consumer ever sees them.
	leftover = 100
	// startsUp is how long a run that has not read anything yet may take to find its input.
	startsUp = 2 * time.Minute
)

// reason is why a job is stalled.
type reason int

const (
	notStalled  reason = iota
	isBlocked          // its source is backpressured
	doesNotRead        // its source is free to read, and input waits
)

// stalled reports whether a job reads nothing although input waits.
func (m *jobMemory) stalled(job snapshot.Job) (verdict, Trouble) {
	found, why, trouble := m.stalledNow(job)
	again := m.stalledBy != notStalled
	m.trickled = found == lingers
	switch found {
	case present:
		m.stalledBy = why
	case absent:
		m.stalledBy = notStalled
	}
	starting := !m.worked && (job.Uptime == nil || *job.Uptime < startsUp.Seconds())
	if found == present && starting && !again {
		return unknown, Trouble{} // it may have found its input in this very moment
	}
	return found, trouble
}

func (m *jobMemory) stalledNow(job snapshot.Job) (verdict, reason, Trouble) {
	switch whole := runsWhole(job); {
	case whole != present:
		return whole, notStalled, Trouble{}
	case job.ReadRate == nil:
		return unknown, notStalled, Trouble{}
	}
	source, pressed := mostBlocked(job)
	held := source.Backpressured != nil && source.Backpressured.Max >= half
	switch {
	case *job.ReadRate > 0 && m.stalledBy == isBlocked && !m.trickled && held:
		return lingers, isBlocked, blockedBy(job, source)
	case *job.ReadRate > 0:
		return absent, notStalled, Trouble{}
	}
	if pressed == present {
		return present, isBlocked, blockedBy(job, source)
	}
	waits := waiting(job)
	switch {
	case waits == nil && pressed == absent && m.stalledBy == isBlocked:
		return absent, notStalled, Trouble{}
	case waits == nil:
		return unknown, notStalled, Trouble{}
	case m.inputWaits(*waits) && held: // a share of the last minute grows late after a load that jumped
		return present, isBlocked, blockedBy(job, source)
	case m.inputWaits(*waits):
		return present, doesNotRead, notReading(job, *waits)
	case *waits == 0 || m.waiting != nil:
		return absent, notStalled, Trouble{}
	}
	return unknown, notStalled, Trouble{}
}

// inputWaits reports whether so many records before the sources mean that there is
// something to read.
func (m *jobMemory) inputWaits(records float64) bool {
	grows := m.waiting != nil && records > *m.waiting
	return records > leftover || grows || records > 0 && m.stalledBy != notStalled
}

// mostBlocked returns the source that is backpressured most, and whether it is fully so.
// One subtask is enough: the others may have no partition to read.
func mostBlocked(job snapshot.Job) (most snapshot.Vertex, found verdict) {
	found = absent
	for _, v := range job.Vertices {
		switch {
		case !v.Source:
		case v.Backpressured == nil:
			found = unknown
		case most.Backpressured == nil || v.Backpressured.Max > most.Backpressured.Max:
			most = v
		}
	}
	if most.Backpressured != nil && (most.Blocked || most.Backpressured.Max >= blocked) {
		return most, present
	}
	return most, found
}

// waiting is how many records wait before all sources; nil unless each source says it.
func waiting(job snapshot.Job) *float64 {
	sum, sources := 0.0, 0
	for _, v := range job.Vertices {
		switch {
		case !v.Source:
			continue
		case v.Pending == nil:
			return nil
		}
		sum += *v.Pending
		sources++
	}
	if sources == 0 {
		return nil
	}
	return &sum
}

// limiting returns the vertex that a backpressured source waits for: the bottleneck if it
// is downstream of every vertex that waits, and otherwise the busiest vertex there. ok is
// false if there is no vertex downstream.
func limiting(job snapshot.Job) (found snapshot.Vertex, ok bool) {
	last := -1
	for i, v := range job.Vertices { // in Flink's order: sources first
		if v.Source || v.Backpressured != nil && v.Backpressured.Mean >= half {
			last = i
		}
	}
	bottleneck, limits := job.Bottleneck()
	for _, v := range job.Vertices[last+1:] {
		switch {
		case limits && v.ID == bottleneck.ID:
			return v, true
		case !ok, v.Busy != nil && (found.Busy == nil || v.Busy.Mean > found.Busy.Mean):
			found, ok = v, true
		}
	}
	return found, ok
}

func blockedBy(job snapshot.Job, source snapshot.Vertex) Trouble {
	reads := "reads 0 records/s"
	if *job.ReadRate > 0 { // one poll does not end it: an aborted checkpoint sets a few records free
		reads = fmt.Sprintf("was stalled, and read %.3g records/s since the last poll", *job.ReadRate)
	}
	seen := fmt.Sprintf("job %s is RUNNING but %s: its source was backpressured for %s of the last minute",
		quoted(job.Name), reads, percent(source.Backpressured.Max))
	by, ok := limiting(job)
	if !ok {
		return Trouble{
			What: "Job stalled", Subject: name(source), Vertex: source.ID, Seen: seen,
			Do: "see what the source waits for: a thread dump of its TaskManager shows it",
		}
	}
	seen += " and waits for " + quoted(name(by))
	if by.Busy != nil {
		seen += fmt.Sprintf(", which is busy for %s", percent(by.Busy.Max))
	}
	return Trouble{
		What: "Job stalled", Subject: name(by), Vertex: by.ID, Seen: seen,
		Do: "see what that vertex waits for: mostly the system that it calls or writes to; a thread dump of its " +
			"TaskManager shows it",
	}
}

func notReading(job snapshot.Job, waits float64) Trouble {
	var source snapshot.Vertex
	for _, v := range job.Vertices {
		if v.Source && v.Pending != nil && (source.Pending == nil || *v.Pending > *source.Pending) {
			source = v
		}
	}
	return Trouble{
		What: "Job stalled", Subject: name(source), Vertex: source.ID,
		Seen: fmt.Sprintf("job %s is RUNNING but reads 0 records/s while %.0f records wait at its source, which %s",
			quoted(job.Name), waits, heldFor(source)),
		Do: "see why the source does not read: the brokers, the rights, the watermark alignment; a thread dump of " +
			"its TaskManager shows where it waits",
	}
}

// heldFor says of a source that does not read how long it was backpressured.
func heldFor(source snapshot.Vertex) string {
	if source.Backpressured == nil || source.Backpressured.Max < 0.005 {
		return "is not backpressured"
	}
	return "was backpressured for only " + percent(source.Backpressured.Max) + " of the last minute"
}
