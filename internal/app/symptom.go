package app

import (
	"errors"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
)

// Shares of time from which a vertex counts as held back by those behind it, and
// below which one that nobody holds back does not work for most of the time.
const (
	heldBack   = 0.5
	hardlyBusy = 0.5
)

// symptomOf is what an alert and the job say is wrong, and the end of a sentence
// that tells it; empty for what is usual. vertex is the one to look at.
func symptomOf(alert episode.Alert, job snapshot.Job, vertex string) (s profiling.Symptom, why string) {
	if fillsMemory(alert.Rule) {
		return profiling.Memory, "; memory fills up, so what is allocated is looked at first where that is allowed"
	}
	suspect := slices.IndexFunc(job.Vertices, func(v snapshot.Vertex) bool {
		return v.ID == vertex && v.Busy != nil && v.Busy.Max < hardlyBusy
	})
	waits := slices.ContainsFunc(job.Vertices, func(v snapshot.Vertex) bool {
		return v.Backpressured != nil && v.Backpressured.Mean >= heldBack
	})
	if suspect >= 0 && waits {
		return profiling.Waiting, "; others wait for it although it is hardly busy, so what it waits for is looked at where that is allowed"
	}
	return profiling.Working, ""
}

// fillsMemory reports whether a rule is about memory, by the words in its name: rules
// of others have whatever names their owners like.
func fillsMemory(rule string) bool {
	words := strings.FieldsFunc(splitCamel(rule), func(r rune) bool { return r == '-' || r == '_' || r == ' ' || r == ':' })
	return slices.ContainsFunc(words, func(word string) bool {
		return slices.Contains([]string{"heap", "memory", "gc", "oom", "allocation"}, strings.ToLower(word))
	})
}

// splitCamel puts a blank before each capital that follows a small letter:
// FlinkHeapFull are three words.
func splitCamel(name string) string {
	var out strings.Builder
	small := false
	for _, r := range name {
		if small && r >= 'A' && r <= 'Z' {
			out.WriteByte(' ')
		}
		small = r >= 'a' && r <= 'z'
		out.WriteRune(r)
	}
	return out.String()
}

// modesOf are the modes of a target, or all that are configured for one of a sidecar
// that did not choose.
func (p *profiles) modesOf(target episode.Target) []flame.Mode {
	if len(target.Modes) == 0 {
		return p.cfg.Modes
	}
	var modes []flame.Mode
	for _, name := range target.Modes {
		if mode, err := flame.ParseMode(name); err == nil {
			modes = append(modes, mode)
		}
	}
	return modes
}

// insteadOf is what to profile in where a mode came to nothing.
func insteadOf(mode flame.Mode, err error) (other flame.Mode, ok bool) {
	failure, failed := errors.AsType[*profiling.Error](err)
	if !failed {
		return "", false
	}
	return profiling.InsteadOf(mode, failure.Outcome)
}
