// Package production compares epochs of production by standing measurements, for jobs that
// are never tested under load. It does no I/O.
//
// The unit is a block of half an hour ([Blocks]): the minutes of one block are alike. What is
// compared is the capacity, the throughput that the job could reach, because throughput itself
// depends on the producers. Blocks are compared at about the same load ([Alike]), and only while the
// job keeps up. [Tests] makes scale tests of them, for the table "What changed?".
package production

import (
	"fmt"
	"math"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// Block is a part of an epoch without overlap with others.
type Block struct {
	Began time.Time
	// Load is the mean of the records per second that were read, Value the mean logarithm
	// of the capacity.
	Load, Value float64
	// P50, P99 and CPUPerMillion are means of what is known: of the slowest hop of the probe
	// in seconds, and of the CPU time for a million records. Nil is unknown.
	P50, P99, CPUPerMillion *float64
}

const (
	// MinBlocks is how many blocks an epoch needs for a verdict.
	MinBlocks = 10
	// MaxBlocks is how many blocks of an epoch count at most, those nearest to its change: over weeks a
	// job wanders, and many blocks would make a change of that.
	MaxBlocks = 48
)

const (
	// filled is the share of a block that must be measured.
	filled = 0.5
	// keepsUp is how many seconds of input may wait at the sources of a job that keeps up.
	keepsUp = 30
	// sameLoad is by how much the load of a block may differ from the usual one, as a share.
	sameLoad = 0.2
)

// Backlog is what is known of the input that waits at the sources during an epoch.
type Backlog int

// What is known of the backlog.
const (
	// BacklogUnknown is that of sources that never say what waits.
	BacklogUnknown Backlog = iota
	// BacklogNeverDrained is that of a job that never kept up.
	BacklogNeverDrained
	// BacklogDrained is that of a job that kept up in some minute.
	BacklogDrained
)

// Blocks are the blocks of one epoch from a moment on, oldest first, of measurements in any
// order. Each begins at a multiple of length after that moment. A minute in which the job
// drains a backlog, or whose capacity is unknown, does not count. A source that is held back does not
// say what waits, so a minute with an unknown backlog counts only if it is unknown in all of them.
func Blocks(
	of episode.JobRef, epoch string, ms []episode.Measurement, from time.Time, length time.Duration,
) (blocks []Block, backlog Backlog) {
	c := newCollection(from, length)
	for _, m := range ms {
		if m.JobRef() == of && m.EpochKey == epoch {
			c.add(m)
		}
	}
	return c.blocks(), c.backlog
}

// collection makes blocks of measurements of one epoch.
type collection struct {
	from   time.Time
	length time.Duration
	// sums are those of the minutes in which the job kept up, unsure those of the minutes in which that
	// is not known.
	sums, unsure map[int64]*sum
	backlog      Backlog
}

func newCollection(from time.Time, length time.Duration) *collection {
	return &collection{from: from, length: length, sums: map[int64]*sum{}, unsure: map[int64]*sum{}}
}

func (c *collection) add(m episode.Measurement) {
	if m.Kind != episode.KindWindow || m.Began.Before(c.from) || m.Throughput == nil || !(*m.Throughput > 0) {
		return
	}
	sums := c.sums
	switch {
	case m.Backlog == nil:
		sums = c.unsure
	case *m.Backlog > keepsUp**m.Throughput:
		c.backlog = max(c.backlog, BacklogNeverDrained)
		return
	default:
		c.backlog = BacklogDrained
	}
	if m.Capacity == nil || !(*m.Capacity > 0) {
		return
	}
	at := int64(m.Began.Sub(c.from) / c.length)
	if sums[at] == nil {
		sums[at] = &sum{}
	}
	sums[at].add(m)
}

// blocks are those that are measured enough, oldest first.
func (c *collection) blocks() (blocks []Block) {
	sums := c.sums
	if c.backlog == BacklogUnknown {
		sums = c.unsure
	}
	for at, s := range sums {
		if s.seconds >= filled*c.length.Seconds() {
			blocks = append(blocks, s.block(c.from.Add(time.Duration(at)*c.length)))
		}
	}
	slices.SortFunc(blocks, func(a, b Block) int { return a.Began.Compare(b.Began) })
	return blocks
}

// sum collects the measurements of a block.
type sum struct {
	seconds                     float64
	load, value, p50, p99, cpus []float64
}

func (s *sum) add(m episode.Measurement) {
	s.seconds += m.Ended.Sub(m.Began).Seconds()
	s.load, s.value = append(s.load, *m.Throughput), append(s.value, math.Log(*m.Capacity))
	if m.CPUPerMillion != nil {
		s.cpus = append(s.cpus, *m.CPUPerMillion)
	}
	slowest := episode.Hop{}
	for _, h := range m.Hops {
		if h.Count > 0 && h.P99 > slowest.P99 {
			slowest = h
		}
	}
	if slowest.Count > 0 {
		s.p50, s.p99 = append(s.p50, slowest.P50), append(s.p99, slowest.P99)
	}
}

func (s *sum) block(began time.Time) Block {
	return Block{
		Began: began, Load: *mean(s.load), Value: *mean(s.value), P50: mean(s.p50), P99: mean(s.p99),
		CPUPerMillion: mean(s.cpus),
	}
}

// mean is nil without values.
func mean(values []float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	total := 0.0
	for _, v := range values {
		total += v
	}
	return new(total / float64(len(values)))
}

// Alike are those of blocks at about the usual load of other ones: within 20 % of its median.
func Alike(blocks, others []Block) (out []Block) {
	var loads []float64
	for _, one := range others {
		loads = append(loads, one.Load)
	}
	usual, ok := stat.Quantile(loads, 0.5)
	for _, one := range blocks {
		if ok && math.Abs(one.Load-usual) <= sameLoad*usual {
			out = append(out, one)
		}
	}
	return out
}

// MostExtrapolated is by how many times the capacity may be above the load. Beyond that a subtask is busy
// less than 5 % of the time, and its busy time does not tell what the job can reach: timers and
// checkpoints weigh as much as the records, and a task that waits for asynchronous answers is not
// busy. On the sample job it promised 40 times the load, where a scale test reached 7 times.
const MostExtrapolated = 20

// Capacity is the throughput that the job could reach, in records per second; nil where the load is too
// low to tell it.
func (b Block) Capacity() *float64 {
	capacity := math.Exp(b.Value)
	if capacity > MostExtrapolated*b.Load {
		return nil
	}
	return &capacity
}

// Idle reports whether the capacity of half of the blocks or more is not known.
func Idle(blocks []Block) bool {
	idle := 0
	for _, b := range blocks {
		if b.Capacity() == nil {
			idle++
		}
	}
	return len(blocks) > 0 && 2*idle >= len(blocks)
}

// WhyIdle says why an idle job has no capacity, and what to do.
func WhyIdle() string {
	return fmt.Sprintf("busy time does not tell the capacity of a job that is busy less than %d %% of the time "+
		"(compare scale tests)", 100/MostExtrapolated)
}

// Values are the mean logarithms of the capacity of blocks.
func Values(blocks []Block) (out []float64) {
	for _, b := range blocks {
		out = append(out, b.Value)
	}
	return out
}
