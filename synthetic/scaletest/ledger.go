package scaletest

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
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
	part slice
	// partitions is the number of source partitions: they get the records of the sequence in
	// turn.
	partitions int

	mu    sync.Mutex // protects the following fields
	due   []int64
	sent  []int64
	acked []int64
	// handed counts the records that the producer took, answered those that it answered.
	handed, answered int
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

func newLedger(round ulid.ULID, n, partitions, sinks int, start time.Time) *ledger {
	prefix := synthetic.NewSeed(round, 0)
	l := &ledger{
		round: round, prefix: []byte(prefix[:len(prefix)-1]), start: start, n: n, partitions: partitions,
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

// hand notes that record i, which was due, was handed over. It returns how many records wait
// for their answer.
func (l *ledger) hand(i int, due, sent int64) (unanswered int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due[i], l.sent[i] = due, sent
	l.handed++
	return l.handed - l.answered
}

// enough says that the records that were not handed over are not needed.
func (l *ledger) enough() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.intended = l.handed
}

// unanswered is how many records wait for their answer.
func (l *ledger) unanswered() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.handed - l.answered
}

// answer notes the producer's answer for the record with a seed.
func (l *ledger) answer(seed []byte, err error, at int64) {
	i := 0
	for _, digit := range seed[len(l.prefix):] {
		i = 10*i + int(digit-'0')
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answered++
	if err == nil {
		l.acked[i] = at
		return
	}
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
	lane := [2]int32{int32(l.part.global(i) % l.partitions), partition}
	if newest, known := a.newest[lane]; known && i < newest {
		a.reordered++
		return
	}
	a.newest[lane] = i
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
	return l.handed - l.failed
}

// backlog is how many handed records the slowest sink does not show yet.
func (l *ledger) backlog() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	least := l.handed
	for _, a := range l.arrivals {
		least = min(least, a.distinct)
	}
	return l.handed - l.failed - least
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
