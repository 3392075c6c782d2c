package sharding

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// merge makes one test of the iterations that every process has measured.
func (g *group) merge(now time.Time) (scalerun.Test, error) {
	var begun *scalerun.Test
	for _, m := range g.members {
		if begun == nil && m != nil {
			begun = m.begun
		}
	}
	if begun == nil {
		begun = &scalerun.Test{
			Cluster: g.of.Cluster, Job: g.of.Job, Label: g.of.Label, Run: now.UTC().Format(time.RFC3339),
			Environment: map[string]string{}, Warnings: []string{}, Began: now.UTC(),
		}
	}
	test := *begun
	test.ID, test.Ended = g.test, now.UTC()
	test.Warnings = g.warnings(test.Warnings)
	var parts [][]scalerun.Slice
	complete := 0
	for ; len(g.without(complete+1)) == 0; complete++ {
		if shards := g.slicesOf(complete + 1); !shards[0].Calibration {
			parts = append(parts, shards)
		}
	}
	for _, m := range g.members {
		if m != nil && m.last.Profiled != nil {
			test.Profiled = m.last.Profiled
		}
	}
	var aborted error
	switch {
	case g.failed != "":
		aborted = errors.New(g.failed)
	case g.uneven(complete):
		aborted = fmt.Errorf("the shards did not measure the same iterations: only %d are complete (start all of them "+
			"again)", complete)
	}
	return figures.Merge(test, parts, aborted)
}

// warnings are those of all shards, each once.
func (g *group) warnings(all []string) []string {
	all = slices.Clone(all)
	for _, m := range g.members {
		if m == nil {
			continue
		}
		for _, text := range m.last.Warnings {
			if !slices.Contains(all, text) {
				all = append(all, text)
			}
		}
	}
	return all
}

// slicesOf are the slices of a round, in the order of the shards.
func (g *group) slicesOf(round int) (found []scalerun.Slice) {
	for _, m := range g.members {
		if m == nil {
			continue
		}
		for _, s := range m.slices {
			if s.Round == round {
				found = append(found, s)
			}
		}
	}
	return found
}

// uneven reports whether some process measured more rounds than all did.
func (g *group) uneven(complete int) bool {
	for _, m := range g.members {
		if m == nil || len(m.slices) != complete {
			return true
		}
	}
	return false
}
