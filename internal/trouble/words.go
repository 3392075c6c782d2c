package trouble

import (
	"cmp"
	"fmt"
	"regexp"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// maxCause and maxName bound texts of Flink in a sentence, in characters.
const (
	maxCause = 200
	maxName  = 80
)

// listed is how many subjects a sentence names.
const listed = 3

func quoted(text string) string { return `"` + plaintext.Line(text, maxName) + `"` }

func name(v snapshot.Vertex) string { return plaintext.Line(cmp.Or(v.Name, v.ID), maxName) }

func percent(share float64) string { return fmt.Sprintf("%.0f %%", 100*share) }

// times is a count in words: "once", "3 times".
func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

// several lists names, the first few of them.
func several(names []string) string {
	shown := make([]string, 0, listed)
	for _, name := range names[:min(len(names), listed)] {
		shown = append(shown, plaintext.Line(name, maxName))
	}
	text := strings.Join(shown, ", ")
	if more := len(names) - listed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// packages are the packages before the name of a Java class at the beginning of a text.
var packages = regexp.MustCompile(`^([a-z_][a-zA-Z0-9_]*\.)+([A-Z])`)

// cause is a failure in words. The class has no packages: they take the room of the reason.
func cause(f snapshot.Failure) string {
	text := plaintext.Line(packages.ReplaceAllString(cmp.Or(f.Cause, f.Class, "unknown"), "$2"), maxCause)
	if f.TaskManager != "" {
		text += " on " + plaintext.Line(f.TaskManager, maxName)
	}
	return text
}
