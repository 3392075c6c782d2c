package export

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// sampleTypes are the names of the counted samples, by mode.
var sampleTypes = map[flame.Mode]string{
	flame.ITIMER:  "samples",
	flame.CPU:     "samples",
	flame.Alloc:   "alloc_samples",
	flame.Lock:    "lock_samples",
	flame.Wall:    "wall_samples",
	flame.Vertex:  "wall_samples",
	flame.Threads: "wall_samples",
}

// totalTypes are the names of the values that --total counts, by mode.
var totalTypes = map[flame.Mode]string{flame.Alloc: "alloc_space", flame.Lock: "lock_time", flame.Wall: "wall_time"}

// valueType returns the type of the values of a tree, with pprof's name for the unit.
func valueType(tree *flame.Tree, mode flame.Mode) *profile.ValueType {
	unit := tree.Unit()
	switch unit {
	case "samples":
		return &profile.ValueType{Type: sampleTypes[mode], Unit: "count"}
	case "ns":
		unit = "nanoseconds"
	}
	return &profile.ValueType{Type: cmp.Or(totalTypes[mode], "cpu"), Unit: unit}
}

// WritePprof writes the tree as pprof's gzipped protocol buffer, with one value per stack:
// its samples in the unit count, or the counts of a profile taken with --total in their
// unit. The error is the error of w.
func WritePprof(w io.Writer, tree *flame.Tree, mode flame.Mode) error {
	// HasFunctions stops pprof from searching for a binary with symbols.
	mapping := &profile.Mapping{ID: 1, HasFunctions: true}
	kind := valueType(tree, mode)
	b := pprofBuilder{
		profile: profile.Profile{
			SampleType: []*profile.ValueType{kind},
			PeriodType: kind,
			Period:     1,
			Mapping:    []*profile.Mapping{mapping},
			Comments:   []string{sourceOf(mode) + ", mode " + string(mode)},
		},
		mapping: mapping,
		frames:  map[string]*profile.Location{},
	}
	for stack, samples := range tree.Stacks() {
		b.add(stack, samples)
	}
	return b.profile.Write(w)
}

// sourceOf returns the name of the profiler.
func sourceOf(mode flame.Mode) string {
	if mode == flame.Vertex || mode == flame.Threads {
		return "Flink"
	}
	return "async-profiler"
}

type pprofBuilder struct {
	profile profile.Profile
	mapping *profile.Mapping
	frames  map[string]*profile.Location
}

func (b *pprofBuilder) add(stack []string, samples int64) {
	sample := &profile.Sample{Value: []int64{samples}}
	for _, frame := range slices.Backward(stack) {
		sample.Location = append(sample.Location, b.location(frame))
	}
	if len(stack) == 0 {
		sample.Location = append(sample.Location, b.location(noStack))
	}
	b.profile.Sample = append(b.profile.Sample, sample)
}

// location returns the location of a frame. Each name has one location and one function.
func (b *pprofBuilder) location(frame string) *profile.Location {
	if known, ok := b.frames[frame]; ok {
		return known
	}
	id := uint64(len(b.frames) + 1)
	name := strings.ToValidUTF8(frame, "\uFFFD")
	function := &profile.Function{ID: id, Name: name, SystemName: name}
	location := &profile.Location{ID: id, Mapping: b.mapping, Line: []profile.Line{{Function: function}}}
	b.frames[frame] = location
	b.profile.Function = append(b.profile.Function, function)
	b.profile.Location = append(b.profile.Location, location)
	return location
}
