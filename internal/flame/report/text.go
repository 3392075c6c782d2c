package report

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/classify"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// rowsShown is the greatest number of rows in a table; --to=json has all rows.
const rowsShown = 30

// Text prints a profile for people: its quality, its threads, its kinds of work, its
// operators and its hottest frames. Percentages refer to the samples of threads that are
// not idle.
type Text struct {
	W       io.Writer
	Profile Profile
}

// Write prints the profile. The error is the error of W.
func (t Text) Write() error {
	out := bufio.NewWriter(t.W)
	summary := classify.Summarize(t.Profile.Tree, t.Profile.Mode)
	busy, _ := classify.WithoutIdle(t.Profile.Tree, t.Profile.Mode)
	t.head(out, summary)
	writeKinds(out, summary)
	writeOperators(out, summary)
	frames := busy.Frames()
	writeFrames(out, "self", frames, busy.Total())
	slices.SortStableFunc(frames, func(a, b flame.Frame) int { return cmp.Compare(b.Total, a.Total) })
	writeFrames(out, "total", frames, busy.Total())
	return out.Flush()
}

func (t Text) head(w io.Writer, summary classify.Summary) {
	quality := t.Profile.Quality
	fmt.Fprintf(w, "%s profile, %d %s, quality %s\n", t.Profile.Mode, summary.Samples, t.Profile.Tree.Unit(),
		quality.Grade)
	if len(quality.Reasons) > 0 {
		fmt.Fprintf(w, "reasons: %s\n", strings.Join(quality.Reasons, "; "))
	}
	if summary.Idle > 0 {
		fmt.Fprintf(w, "idle and parked threads have %d of them (%.1f %%) and are left out below\n", summary.Idle,
			percentOf(summary.Idle, summary.Samples))
	}
}

func writeKinds(w io.Writer, summary classify.Summary) {
	all := summary.Samples - summary.Idle
	fmt.Fprintf(w, "\n%-22s%10s%9s\n", "thread", "samples", "percent")
	for _, row := range summary.Threads {
		fmt.Fprintf(w, "%-22s%10d%9.1f\n", row.Thread, row.Samples, percentOf(row.Samples, all))
	}
	fmt.Fprintf(w, "\n%-22s%10s%9s%10s%9s\n", "category", "in tasks", "percent", "elsewhere", "percent")
	for _, row := range summary.Categories {
		fmt.Fprintf(w, "%-22s%10d%9.1f%10d%9.1f\n", row.Category, row.Task, percentOf(row.Task, all), row.Other,
			percentOf(row.Other, all))
	}
}

// kindsShown is the greatest number of kinds of work in the row of an operator.
const kindsShown = 3

func writeOperators(w io.Writer, summary classify.Summary) {
	if len(summary.Operators) == 0 {
		return
	}
	all := summary.Samples - summary.Idle
	fmt.Fprintf(w, "\n%10s%9s  %-58s  %s\n", "in tasks", "percent", "operator", "kinds of work, of its own samples")
	for _, row := range summary.Operators[:min(rowsShown, len(summary.Operators))] {
		var kinds []string
		for _, kind := range row.Categories[:min(kindsShown, len(row.Categories))] {
			kinds = append(kinds, fmt.Sprintf("%s %.0f %%", kind.Category, percentOf(kind.Samples, row.Samples)))
		}
		fmt.Fprintf(w, "%10d%9.1f  %-58s  %s\n", row.Samples, percentOf(row.Samples, all),
			plaintext.Visible(row.Operator), strings.Join(kinds, ", "))
	}
}

func writeFrames(w io.Writer, by string, frames []flame.Frame, all int64) {
	fmt.Fprintf(w, "\nhottest by %s\n%10s%9s%10s%9s  %-22s%s\n", by, "self", "percent", "total", "percent",
		"category", "frame")
	for _, f := range frames[:min(rowsShown, len(frames))] {
		fmt.Fprintf(w, "%10d%9.1f%10d%9.1f  %-22s%s\n", f.Self, percentOf(f.Self, all), f.Total,
			percentOf(f.Total, all), Categorize(f.Name), plaintext.Visible(f.Name))
	}
	if more := len(frames) - rowsShown; more > 0 {
		fmt.Fprintf(w, "… and %d more (--to=json lists them)\n", more)
	}
}
