package scaletest

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/load"
)

// ledger is the account of one iteration: when each record was due, handed over,
// acknowledged and seen at each sink. It has no clock and does no I/O. Times are
// nanoseconds since the start of the iteration; never is a time that has not come.
type ledger struct {
	round  ulid.ULID
	prefix []byte // of all seeds
	start  time.Time
	n      int
	// part is the slice of the sequence that these records are.
	part load.Part
	// partitions is the number of source partitions: they get the records of the sequence in
	// turn.
	partitions int

	// The sender writes due and sent of a record before it counts it in handed; after that they
	// do not change. acked is complete when every record is answered.
	due   []int64
	sent  []int64
	acked []int64
	// handed counts the records that the producer took, answered those that it answered. A
	// lock for each record would slow down the sender.
	handed   atomic.Int64
	_        cacheLine // the sender and the producer must not wait for each other
	answered atomic.Int64

	answeredAt int64 // the last reading of the clock for answers

	// heldUp is how long the sender waited for answers of the brokers. It is complete when all is
	// sent.
	heldUp time.Duration

	mu sync.Mutex // protects the following fields
	// intended is n, or fewer if the rest was not needed.
	intended     int
	failed       int
	firstFailure error
	arrivals     []*arrivals
}

// never is a time that has not come.
const never = int64(-1)

// arrivals is what one sink shows of an iteration.
type arrivals struct {
	seen       []int64 // the first sighting of each record
	distinct   int
	duplicates int64
	reordered  int64
	last       int64 // the latest first sighting
	// foreign counts the records at the sink that have no seed of a test.
	foreign int64
	// newest is the highest record seen of each source partition in each partition of the
	// sink. A lower one that appears later is reordered.
	newest map[[2]int32]int
	moved  int64 // when the number of distinct records grew last
}

// newLedger makes the account of a slice of records, before they are sent: start is set when
// they are.
func newLedger(round ulid.ULID, part load.Part, records, partitions, sinks int) *ledger {
	prefix, n := payload.NewSeed(round, 0), part.Count(records)
	l := &ledger{
		round: round, prefix: []byte(prefix[:len(prefix)-1]), n: n, part: part, partitions: partitions,
		intended: n, due: unset(n), sent: unset(n), acked: unset(n),
	}
	for range sinks {
		l.arrivals = append(l.arrivals, newArrivals(n))
	}
	return l
}

func newArrivals(n int) *arrivals {
	return &arrivals{seen: unset(n), last: never, moved: never, newest: map[[2]int32]int{}}
}

func unset(n int) []int64 {
	times := make([]int64, n)
	for i := range times {
		times[i] = never
	}
	return times
}

// since returns a time as the ledger stores it.
func (l *ledger) since(at time.Time) int64 { return max(0, int64(at.Sub(l.start))) }

// cacheLine keeps two counters apart that two processors write.
type cacheLine [64]byte

// hand notes that record i, which was due, was handed over. [ledger.publish] counts it.
func (l *ledger) hand(i int, due, sent int64) { l.due[i], l.sent[i] = due, sent }

// publish says that the first n records were handed over.
func (l *ledger) publish(n int) { l.handed.Store(int64(n)) }

// enough says that the records that were not handed over are not needed.
func (l *ledger) enough() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.intended = l.taken()
}

// unanswered is how many records wait for their answer.
func (l *ledger) unanswered() int { return int(l.handed.Load() - l.answered.Load()) }

// taken is how many records the producer took.
func (l *ledger) taken() int { return int(l.handed.Load()) }

// answer notes the producer's answer for record i. Its time is exact for the
// last of the records that were handed over, and for others to answersAtOnce answers: only
// the last one is part of a number. It is called by one goroutine.
func (l *ledger) answer(i int, err error) {
	done := l.answered.Load() + 1
	if done%answersAtOnce == 1 || done >= l.handed.Load() {
		l.answeredAt = l.since(time.Now())
	}
	if err == nil {
		l.acked[i] = l.answeredAt
	} else {
		l.refuse(err)
	}
	l.answered.Store(done)
}

// answersAtOnce is how many answers share one reading of the clock. The producer answers
// whole batches.
const answersAtOnce = 64

// refuse notes a record that Kafka did not take.
func (l *ledger) refuse(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.failed++
	if l.firstFailure == nil {
		l.firstFailure = err
	}
}

// see notes the records of this iteration that are in the parts of one record of a sink.
// Only the first part with a seed counts. It returns whether any part has one.
func (l *ledger) see(sink int, partition int32, at time.Time, parts ...[]byte) bool {
	for _, part := range parts {
		seen := false
		for _, i := range l.indexesIn(part) {
			l.sight(sink, i, partition, l.since(at))
			seen = true
		}
		if seen {
			return true
		}
	}
	return false
}

// indexesIn returns the indexes of this iteration's records in a text, each once.
func (l *ledger) indexesIn(text []byte) (found []int) {
	for {
		at := bytes.Index(text, l.prefix)
		if at < 0 {
			return found
		}
		text = text[at+len(l.prefix):]
		i, digits := 0, 0
		for digits < len(text) && digits < maxDigits && '0' <= text[digits] && text[digits] <= '9' {
			i = 10*i + int(text[digits]-'0')
			digits++
		}
		if digits > 0 && i < l.n && !slices.Contains(found, i) {
			found = append(found, i)
		}
	}
}

// maxDigits bounds the digits of an index; a seed has at most seven.
const maxDigits = 7

// sight notes that a sink shows record i, in a partition of the sink.
func (l *ledger) sight(sink, i int, partition int32, at int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.arrivals[sink]
	if a.seen[i] != never {
		a.duplicates++
		return
	}
	a.seen[i] = at
	a.distinct++
	a.last, a.moved = max(a.last, at), max(a.moved, at)
	lane := [2]int32{int32(l.part.Global(i) % l.partitions), partition}
	if newest, known := a.newest[lane]; known && i < newest {
		a.reordered++
		return
	}
	a.newest[lane] = i
}

// narrow puts each record of a sink in the middle of two looks: the one before it was there, or its
// send, and the first with it. The sending has ended.
func (l *ledger) narrow(sink int, after, till []int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.arrivals[sink]
	a.last = never
	for i, at := range till {
		if at != never {
			a.seen[i] = (max(after[i], l.sent[i]) + at) / 2
			a.last = max(a.last, a.seen[i])
		}
	}
}

// sawForeign counts a record of a sink without a seed of this iteration.
func (l *ledger) sawForeign(sink int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.arrivals[sink].foreign++
}

// expected is how many records every sink must show: those that Kafka has. A record whose
// produce failed may be there nevertheless.
func (l *ledger) expected() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.taken() - l.failed
}

// backlog is how many handed records the slowest sink does not show yet.
func (l *ledger) backlog() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.taken()
	least := taken
	for _, a := range l.arrivals {
		least = min(least, a.distinct)
	}
	return taken - l.failed - least
}

// lastMove is when a sink showed a further record for the last time.
func (l *ledger) lastMove() int64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	last := never
	for _, a := range l.arrivals {
		last = max(last, a.moved)
	}
	return last
}

// count notes how many records a sink shows that does not say which ones.
func (l *ledger) count(sink int, records int64, at int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	a := l.arrivals[sink]
	a.distinct = int(min(records, int64(l.n)))
	a.moved = max(a.moved, at)
}
