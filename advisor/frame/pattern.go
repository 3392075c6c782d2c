// Package frame says what the name of a frame tells, whichever rules read it: whether a task begins
// there, waits or collects garbage, and whose code it is.
package frame

import (
	"regexp"
	"slices"
	"strings"
)

// Pattern matches frames by name. A * in an entry stands for any text, including none.
// Java names are written with dots.
type Pattern []string

// Matches reports whether an entry matches a dotted name.
func (p Pattern) Matches(dotted string) bool {
	return slices.ContainsFunc(p, func(entry string) bool { return matchesEntry(entry, dotted) })
}

func matchesEntry(entry, name string) bool {
	first, rest, wild := strings.Cut(entry, "*")
	if !wild {
		return name == entry
	}
	name, ok := strings.CutPrefix(name, first)
	for ok {
		var piece string
		if piece, rest, wild = strings.Cut(rest, "*"); !wild {
			return strings.HasSuffix(name, piece)
		}
		_, name, ok = strings.Cut(name, piece)
	}
	return false
}

// runSpecific matches the parts of frame names that differ between runs: the class
// numbers of lambdas and of generated accessors.
var runSpecific = regexp.MustCompile(`(\$\$Lambda)[$./+0-9a-fx]*[./]|` +
	`(GeneratedMethodAccessor|GeneratedConstructorAccessor)\d+`)

// typeSuffixes are the suffixes with which async-profiler marks how a frame was
// compiled.
var typeSuffixes = []string{"_[j]", "_[i]", "_[k]", "_[0]", "_[1]"}

// Dotted returns a frame's name in the form of patterns: java/lang/Thread.run becomes
// java.lang.Thread.run, and a lambda loses its number. Native frames do not change.
func Dotted(frame string) string {
	for _, suffix := range typeSuffixes {
		if name, ok := strings.CutSuffix(frame, suffix); ok {
			frame = name
			break
		}
	}
	if Native(frame) {
		return frame
	}
	frame = strings.ReplaceAll(frame, "/", ".")
	if !strings.Contains(frame, "$$Lambda") && !strings.Contains(frame, "Generated") {
		return frame
	}
	return runSpecific.ReplaceAllStringFunc(frame, func(part string) string {
		if strings.HasPrefix(part, "$$Lambda") {
			return "$$Lambda."
		}
		return strings.TrimRight(part, "0123456789")
	})
}

// Native reports whether a frame is no Java method.
func Native(frame string) bool {
	return strings.HasPrefix(frame, "/") || strings.Contains(frame, "::") || strings.ContainsAny(frame, "( [") ||
		!strings.Contains(frame, ".")
}
