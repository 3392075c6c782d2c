package sharding

import (
	"errors"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
)

// merge makes one test of the iterations that every process has measured.
func (g *group) merge(now time.Time) (episode.ScaleTest, error) {
	var begun *episode.ScaleTest
	for _, m := range g.members {
		if begun == nil && m != nil {
			begun = m.begun
		}
	}
	if begun == nil {
		begun = &episode.ScaleTest{
			Cluster: g.of.Cluster, Job: g.of.Job, Label: g.of.Label, Run: now.UTC().Format(time.RFC3339),
			Environment: map[string]string{}, Warnings: []string{}, Began: now.UTC(),
		}
	}
	test := *begun
	test.ID, test.Ended = g.test, now.UTC()
	var parts [][]episode.ScaleSlice
	for i := 1; ; i++ {
		shards := g.slicesOf(i)
		if len(shards) < len(g.members) {
			break
		}
		parts = append(parts, shards)
	}
	var aborted error
	switch {
	case g.failed != "":
		aborted = errors.New(g.failed)
	case g.uneven(len(parts)):
		aborted = fmt.Errorf("the shards did not measure the same iterations: only %d are complete (start all of them "+
			"again)", len(parts))
	}
	return scaletest.Merge(test, parts, aborted)
}

// slicesOf are the slices of an iteration, in the order of the shards.
func (g *group) slicesOf(iteration int) (found []episode.ScaleSlice) {
	for _, m := range g.members {
		if m == nil {
			continue
		}
		for _, s := range m.slices {
			if s.Iteration.Iteration == iteration {
				found = append(found, s)
			}
		}
	}
	return found
}

// uneven reports whether some process measured more iterations than all did.
func (g *group) uneven(complete int) bool {
	for _, m := range g.members {
		if m == nil || len(m.slices) != complete {
			return true
		}
	}
	return false
}
