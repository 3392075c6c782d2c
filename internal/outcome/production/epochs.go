package production

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Collector makes blocks of the measurements of one job, one after the other: two weeks of them
// need not be in memory at once.
type Collector struct {
	epochs      []episode.Epoch
	collections []*collection
}

// NewCollector returns a collector for the epochs of one job, which are oldest first.
func NewCollector(epochs []episode.Epoch, length time.Duration) *Collector {
	c := &Collector{epochs: epochs}
	for _, e := range epochs {
		c.collections = append(c.collections, newCollection(e.Began, length))
	}
	return c
}

// Add takes a measurement, in any order. One that is of no epoch, or of two, does not count.
func (c *Collector) Add(m episode.Measurement) {
	after, _ := slices.BinarySearchFunc(c.epochs, m.Began, func(e episode.Epoch, began time.Time) int {
		if e.Began.After(began) {
			return 1
		}
		return -1
	})
	i := after - 1 // the last epoch that began before it
	if i < 0 || after < len(c.epochs) && m.Ended.After(c.epochs[after].Began) {
		return
	}
	if e := c.epochs[i]; m.JobRef() == e.JobRef() && m.EpochKey == e.Key {
		c.collections[i].add(m)
	}
}

// Blocks are those of each epoch, as with [Blocks].
func (c *Collector) Blocks() (out [][]Block) {
	for _, one := range c.collections {
		out = append(out, one.blocks())
	}
	return out
}
