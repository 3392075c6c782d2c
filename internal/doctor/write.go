package doctor

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// signs are how a state is shown.
var signs = map[check.State]string{check.OK: "✓", check.Warning: "!", check.Failed: "✗", check.Unknown: "?"}

// maxSays bounds a sentence in the table, in characters.
const maxSays = 500

// WriteTable prints a line for each check. The line that repairs a fault follows it alone, so
// that it can be copied.
func (r Report) WriteTable(w io.Writer) {
	width := 0
	for _, c := range r.Checks {
		width = max(width, len(c.Check))
	}
	for _, c := range r.Checks {
		of := ""
		if c.Of != "" {
			of = plaintext.Line(c.Of, maxSays) + ": "
		}
		fmt.Fprintf(w, "%s %-*s  %s\n", signs[c.State], width, c.Check, of+plaintext.Line(c.Says, maxSays))
		if c.Fix != nil {
			fmt.Fprintf(w, "  %-*s  in %s:\n%s\n", width, "", c.Fix.In, c.Fix.Line)
		}
	}
	r.writeHints(w)
	fmt.Fprintln(w, "\n"+r.summary())
}

// writeHints prints what the configuration lacks. None of it is a fault.
func (r Report) writeHints(w io.Writer) {
	for i, h := range r.Hints {
		if i == 0 {
			fmt.Fprintln(w, "\nMore that a configuration adds:")
		}
		fmt.Fprintf(w, "  %s: %s\n", h.Configure, h.Adds)
	}
}

// summary counts the states.
func (r Report) summary() string {
	parts := []string{fmt.Sprintf("%d fine", r.Count(check.OK))}
	for _, s := range []struct {
		state check.State
		word  string
	}{{check.Warning, "to improve (!)"}, {check.Failed, "broken (✗)"}, {check.Unknown, "not known (?)"}} {
		if n := r.Count(s.state); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s.word))
		}
	}
	return strings.Join(parts, ", ")
}

// WriteJSON prints the report as JSON: {"works":bool,"checks":[{"check","of","state","says",
// "fix":{"in","line"}}],"hints":[{"configure","adds","line"}]}.
func (r Report) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(struct {
		Works bool `json:"works"`
		Report
	}{r.Works(), r})
}
