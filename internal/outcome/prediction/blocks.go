package prediction

import (
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
}

const (
	// filled is the share of a block that must be measured.
	filled = 0.5
	// keepsUp is how many seconds of input may wait at the sources of a job that keeps up.
	keepsUp = 30
	// sameLoad is by how much the load of a block may differ from the usual one, as a share.
	sameLoad = 0.2
)

// Blocks are the blocks of one epoch from a moment on, oldest first, of measurements in any
// order. Each begins at a multiple of length after that moment. A minute in which the job
// drains a backlog, or whose capacity is unknown, does not count. drained is false if the
// backlog of every minute is known and the job never kept up.
func Blocks(
	of episode.JobRef, epoch string, ms []episode.Measurement, from time.Time, length time.Duration,
) (blocks []Block, drained bool) {
	type sum struct {
		load, value, seconds float64
		n                    int
	}
	sums := map[int64]*sum{}
	behind := 0
	for _, m := range ms {
		if m.JobRef() != of || m.EpochKey != epoch || m.Kind != episode.KindWindow || m.Began.Before(from) ||
			m.Throughput == nil || !(*m.Throughput > 0) {
			continue
		}
		if m.Backlog != nil && *m.Backlog > keepsUp**m.Throughput {
			behind++
			continue
		}
		drained = true
		if m.Capacity == nil || !(*m.Capacity > 0) {
			continue
		}
		at := int64(m.Began.Sub(from) / length)
		if sums[at] == nil {
			sums[at] = &sum{}
		}
		s := sums[at]
		s.load += *m.Throughput
		s.value += math.Log(*m.Capacity)
		s.seconds += m.Ended.Sub(m.Began).Seconds()
		s.n++
	}
	for at, s := range sums {
		if s.seconds >= filled*length.Seconds() {
			blocks = append(blocks, Block{
				Began: from.Add(time.Duration(at) * length), Load: s.load / float64(s.n), Value: s.value / float64(s.n),
			})
		}
	}
	slices.SortFunc(blocks, func(a, b Block) int { return a.Began.Compare(b.Began) })
	return blocks, drained || behind == 0
}

// alike are the blocks of both sides at about the usual load of the second side.
func alike(before, after []Block) (a, b []Block) {
	var loads []float64
	for _, one := range after {
		loads = append(loads, one.Load)
	}
	usual, ok := stat.Quantile(loads, 0.5)
	if !ok {
		return nil, nil
	}
	near := func(blocks []Block) (out []Block) {
		for _, one := range blocks {
			if math.Abs(one.Load-usual) <= sameLoad*usual {
				out = append(out, one)
			}
		}
		return out
	}
	return near(before), near(after)
}

func values(blocks []Block) (out []float64) {
	for _, b := range blocks {
		out = append(out, b.Value)
	}
	return out
}
