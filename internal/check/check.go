// Package check is the vocabulary of sidecar doctor: the result of one check, and the line
// that repairs what it found. Each package that owns a connection makes the checks of it.
package check

import (
	"fmt"
	"strings"
)

// State is the result of a check in one word.
type State string

// The states of a check.
const (
	// OK means that it works.
	OK State = "ok"
	// Warning means that the sidecar runs, but does less than it could.
	Warning State = "warning"
	// Failed means that a part that the configuration asks for can't work.
	Failed State = "failed"
	// Unknown means that it could not be checked; it is no success.
	Unknown State = "unknown"
)

// Result is what one check found.
type Result struct {
	// Check is the stable name, for example "flink.profiling".
	Check string `json:"check"`
	// Of is what was checked, if several things have the check: a cluster, a topic, a sink.
	Of    string `json:"of,omitempty"`
	State State  `json:"state"`
	// Says is one sentence without a full stop.
	Says string `json:"says"`
	// Fix is nil if nothing is wrong, or no single line repairs it; then Says ends in what
	// to do.
	Fix *Fix `json:"fix,omitempty"`
}

// Count is the number of results in a state.
func Count(results []Result, state State) int {
	n := 0
	for _, r := range results {
		if r.State == state {
			n++
		}
	}
	return n
}

// Works reports whether the main job can run: Flink is measured, and so is the pipeline if
// the configuration has a probe. Warnings don't count.
func Works(results []Result) bool { return Count(results, Failed) == 0 }

// The places into which a line is pasted.
const (
	InShell = "shell"
	InFlink = "Flink's configuration"
)

// Fix is a line that repairs what a check found.
type Fix struct {
	// In is where the line is pasted: [InShell], [InFlink], or FILE:LINE, whose line it
	// replaces.
	In string `json:"in"`
	// Line is the complete line.
	Line string `json:"line"`

	// Key and Value are a setting of the sidecar's configuration. The doctor makes In and Line
	// from them, because only it knows the file.
	Key, Value string `json:"-"`
}

// Shell is a fix by a command of a POSIX shell.
func Shell(line string, args ...any) *Fix { return &Fix{In: InShell, Line: fmt.Sprintf(line, args...)} }

// Flink is a fix by a key of Flink's configuration file.
func Flink(key, value string) *Fix { return &Fix{In: InFlink, Line: key + ": " + value} }

// Setting is a fix by a key of the sidecar's configuration. The key is a path as in
// setting.Fault.
func Setting(key, value string) *Fix { return &Fix{Key: key, Value: value} }

// Quoted is a text as one word of a POSIX shell.
func Quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }

// Results collects the results of checks under a common prefix.
type Results struct {
	// Area is the prefix of every name, and Of the default of [Result.Of].
	Area, Of string
	All      []Result
}

// Add appends a result.
func (r *Results) Add(name string, state State, fix *Fix, says string, args ...any) {
	r.All = append(r.All, Result{
		Check: strings.TrimSuffix(r.Area+"."+name, "."), Of: r.Of, State: state, Says: fmt.Sprintf(says, args...), Fix: fix,
	})
}

// For returns results with the same prefix about another thing; the caller appends them.
func (r *Results) For(of string) *Results { return &Results{Area: r.Area, Of: of} }

// Nearest returns the name that is most like the wanted one, and false if none is.
func Nearest(wanted string, names []string) (nearest string, found bool) {
	best := len(wanted)/2 + 1
	for _, name := range names {
		if d := Distance(strings.ToLower(wanted), strings.ToLower(name)); d < best {
			best, nearest, found = d, name, true
		}
	}
	return nearest, found
}

// maxName bounds what is compared, because names come from other servers.
const maxName = 250

// Distance is the Levenshtein distance of two names in bytes; what follows the first 250 bytes
// does not count.
func Distance(a, b string) int {
	a, b = a[:min(len(a), maxName)], b[:min(len(b), maxName)]
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replace := diagonal
			if a[i] != b[j] {
				replace++
			}
			diagonal = row[j+1]
			row[j+1] = min(replace, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
