package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// counter counts frames in the profiles of a bundle. It keeps what it has read and counted.
type counter struct {
	profiles []profile
	counted  map[[2]string][]frameCount // by mode and frame
}

// profile are the stacks of task threads at work of one profile.
type profile struct {
	mode   string
	stacks []stack
}

// frameCount are the samples that hold a frame, that end in it, and all at work.
type frameCount struct{ total, self, work int64 }

func (c frameCount) String() string {
	return fmt.Sprintf("total %d, self %d of %d", c.total, c.self, c.work)
}

func newCounter(b evidence.Bundle) *counter {
	c := &counter{counted: map[[2]string][]frameCount{}}
	for _, p := range b.Profiles {
		c.profiles = append(c.profiles, profile{p.Mode, tasksOf(p)})
	}
	return c
}

// of counts a frame in each profile by itself, and in all of a mode together. The mode is any
// if it is empty.
func (c *counter) of(mode, frame string) []frameCount {
	frame = strings.ReplaceAll(frame, "/", ".")
	key := [2]string{mode, frame}
	if counts, known := c.counted[key]; known {
		return counts
	}
	var counts []frameCount
	sums := map[string]frameCount{}
	for _, p := range c.profiles {
		if mode != "" && p.mode != mode {
			continue
		}
		count := p.count(frame)
		sum := sums[p.mode]
		sums[p.mode] = frameCount{sum.total + count.total, sum.self + count.self, sum.work + count.work}
		counts = append(counts, count)
	}
	for _, sum := range sums {
		counts = append(counts, sum)
	}
	c.counted[key] = counts
	return counts
}

func (p profile) count(frame string) (c frameCount) {
	for _, s := range p.stacks {
		c.work += s.samples
		if slices.Contains(s.frames, frame) {
			c.total += s.samples
		}
		if s.frames[len(s.frames)-1] == frame {
			c.self += s.samples
		}
	}
	return c
}
