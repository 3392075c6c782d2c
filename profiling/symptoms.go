package profiling

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// Shares of time from which a vertex counts as backpressured, and below which a vertex
// that is not backpressured is mostly idle.
const (
	backpressured = 0.5
	hardlyBusy    = 0.5
)

// chooseModes sets and returns the modes to profile the target in: every allowed one for
// a person's request, otherwise those of the symptom.
func (p *planner) chooseModes(
	ctx context.Context, c Cluster, state snapshot.State, alert episode.Alert, target *episode.Target,
) []flame.Mode {
	modes, held := p.allowedModes(ctx, c.Profiler.Flink, p.wanted(alert))
	if held > 0 {
		target.Why += "; WALL skipped: it may end this JVM (see profiling.allow_wall)"
	}
	if !alert.Asked() {
		var why string
		symptom := Working
		if job, known := state.Job(alert.Job); known || alert.Process != "" {
			symptom, why = symptomOf(alert, job, target.Vertex)
		}
		modes = symptom.Modes(modes)
		target.Why += why
	}
	for _, mode := range modes {
		target.Modes = append(target.Modes, string(mode))
	}
	return modes
}

// wanted are the configured modes, or those that a scale test names: its person chose them.
func (p *planner) wanted(alert episode.Alert) []flame.Mode {
	if !alert.Asked() || alert.ScaleTest == nil || len(alert.ScaleTest.Modes) == 0 {
		return p.cfg.Modes
	}
	var modes []flame.Mode
	for _, name := range alert.ScaleTest.Modes {
		if mode, err := flame.ParseMode(name); err == nil && !slices.Contains(modes, mode) {
			modes = append(modes, mode)
		}
	}
	return modes
}

// allowedModes are the wanted modes without those that may end the JVM; held is how many
// were left out.
func (p *planner) allowedModes(
	ctx context.Context, flink profiler.Flink, wanted []flame.Mode,
) (allowed []flame.Mode, held int) {
	if p.cfg.AllowWall || !slices.Contains(wanted, flame.Wall) || profiler.WallIsSafe(ctx, flink) {
		return wanted, 0
	}
	allowed = slices.DeleteFunc(slices.Clone(wanted), func(mode flame.Mode) bool { return mode == flame.Wall })
	return allowed, len(wanted) - len(allowed)
}

// symptomOf is the symptom according to the alert and the job, and the end of a sentence
// that explains the modes; empty for the usual ones. vertex is the one to profile.
func symptomOf(alert episode.Alert, job snapshot.Job, vertex string) (s Symptom, why string) {
	switch said := Symptom(alert.Symptom); said {
	case Memory, Waiting, Working:
		return said, fmt.Sprintf("; the alert's label symptom says %s", said)
	}
	if isAboutMemory(alert.Rule) {
		return Memory, "; the alert is about memory, so allocations are profiled first where that is allowed"
	}
	suspect, known := job.Vertex(vertex)
	idle := known && suspect.Busy != nil && suspect.Busy.Max < hardlyBusy
	waits := slices.ContainsFunc(job.Vertices, func(v snapshot.Vertex) bool {
		return v.Backpressured != nil && v.Backpressured.Mean >= backpressured
	})
	if idle && waits {
		return Waiting, "; other vertices wait for it although it is hardly busy, so its waiting is profiled " +
			"where that is allowed"
	}
	return Working, ""
}

// isAboutMemory reports whether a rule is about memory, by the words in its name: rules
// from elsewhere may have any name.
func isAboutMemory(rule string) bool {
	return slices.ContainsFunc(words(rule), func(word string) bool {
		return slices.Contains([]string{"heap", "memory", "gc", "oom", "allocation", "metaspace", "outofmemory"}, word)
	})
}

// words splits a name at anything but letters, before a capital behind a small letter, and
// before the last capital of several: JVMHeapFull is jvm, heap, full.
func words(name string) []string {
	runes := []rune(name)
	var split strings.Builder
	for i, r := range runes {
		if !unicode.IsLetter(r) {
			split.WriteByte(' ')
			continue
		}
		begins := i > 0 && unicode.IsUpper(r) && (unicode.IsLower(runes[i-1]) ||
			unicode.IsUpper(runes[i-1]) && i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if begins {
			split.WriteByte(' ')
		}
		split.WriteRune(unicode.ToLower(r))
	}
	return strings.Fields(split.String())
}
