package report

import (
	"bufio"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/classify"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// WriteDiff compares two profiles, and writes the result as a table, as json, or as collapsed: lines
// of `stack BASE NEW` with the samples of each. rename is as in [flame.Align].
func WriteDiff(w io.Writer, base, next Profile, format string, rename func(frame string) string) error {
	if format == "collapsed" {
		return flame.Align(base.Tree, next.Tree, rename).WriteCollapsed(w)
	}
	document, err := CompareAtWork(base, next, rename)
	if err != nil {
		return err
	}
	if format == "json" {
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(document)
	}
	return DiffText{W: w, Diff: document}.Write()
}

// DiffText prints a comparison for people: the frames whose share changed by more than
// chance explains, and the number of all other frames.
type DiffText struct {
	W io.Writer
	Diff
}

// Write prints the comparison. The error is the error of W.
func (t DiffText) Write() error {
	out := bufio.NewWriter(t.W)
	t.side(out, "base", t.Base)
	t.side(out, "new", t.New)
	fmt.Fprintf(out, "\nShares of all samples do not depend on load and duration. The bands hold for all %d "+
		"comparisons at once with %.0f %% confidence.\n", t.Compared, t.Confidence*100)
	t.shifts(out, "self", func(c flame.Change) flame.Shift { return c.Self })
	t.shifts(out, "total", func(c flame.Change) flame.Shift { return c.Total })
	t.moves(out)
	return out.Flush()
}

// moves lists the frames that have other callers but an unchanged share.
func (t DiffText) moves(w io.Writer) {
	moved := slices.DeleteFunc(slices.Clone(t.Frames), func(c flame.Change) bool { return c.Moved == nil })
	if len(moved) == 0 {
		return
	}
	slices.SortStableFunc(moved, func(a, b flame.Change) int { return cmp.Compare(b.Moved.Points, a.Moved.Points) })
	fmt.Fprintf(w, "\nmoved: the same share, but other callers\n%8s  %s\n", "points", "frame")
	for _, c := range moved[:min(rowsShown, len(moved))] {
		fmt.Fprintf(w, "%8.2f  %s: from %s to %s\n", c.Moved.Points, plaintext.Visible(c.Name), caller(c.Moved.From),
			caller(c.Moved.To))
	}
	if more := len(moved) - rowsShown; more > 0 {
		fmt.Fprintf(w, "… and %d more (--to=json lists them)\n", more)
	}
}

func caller(name string) string {
	if name == "" {
		return "the thread's start"
	}
	return plaintext.Visible(name)
}

func (t DiffText) side(w io.Writer, label string, side DiffSide) {
	fmt.Fprintf(w, "%-5s%s: %s, %d samples, quality %s", label, plaintext.Visible(side.File), side.Mode, side.Total,
		side.Quality.Grade)
	if len(side.Quality.Reasons) > 0 {
		fmt.Fprintf(w, ": %s", strings.Join(side.Quality.Reasons, "; "))
	}
	if side.Idle > 0 {
		fmt.Fprintf(w, "; idle and parked threads have %.1f %% and are left out", percentOf(side.Idle, side.Total))
	}
	fmt.Fprintln(w)
}

// shifts lists the changes of one value (self or total) of all frames, the largest first.
func (t DiffText) shifts(w io.Writer, by string, of func(flame.Change) flame.Shift) {
	changed := slices.DeleteFunc(slices.Clone(t.Frames),
		func(c flame.Change) bool { return of(c).Verdict == flame.Unchanged })
	within := len(t.Frames) - len(changed)
	if len(changed) == 0 {
		fmt.Fprintf(w, "\nby %s: ~ (none of %d frames differs by more than the sampling error)\n", by, within)
		return
	}
	slices.SortStableFunc(changed, func(a, b flame.Change) int {
		return cmp.Or(cmp.Compare(math.Abs(of(b).Points), math.Abs(of(a).Points)), cmp.Compare(of(a).Base, of(b).Base))
	})
	rows := Folded(changed, of)
	fmt.Fprintf(w, "\nby %s\n%-8s%8s%8s%9s  %-18s%-22s%s\n", by, "verdict", "base %", "new %", "points", "band",
		"category", "frame")
	for _, row := range rows[:min(rowsShown, len(rows))] {
		s := of(row.Change)
		fmt.Fprintf(w, "%-8s%8.2f%8.2f%+9.2f  %-18s%-22s%s%s\n", s.Verdict, s.BasePercent, s.NewPercent, s.Points,
			fmt.Sprintf("%+.2f to %+.2f", s.Low, s.High), row.Category, plaintext.Visible(row.Name), row.alike())
	}
	if more := len(rows) - rowsShown; more > 0 {
		fmt.Fprintf(w, "… and %d more (--to=json lists them)\n", more)
	}
	fmt.Fprintf(w, "~ %d other frames differ by no more than the sampling error\n", within)
}

// foldedChange is one row for several frames with the same counts, which are mostly a chain
// of calls.
type foldedChange struct {
	flame.Change
	others int
}

// Folded merges adjacent changes with the same counts. The row shows the first frame with a
// specific category, see [classify.Category.Tells], or else the first frame.
func Folded(changes []flame.Change, of func(flame.Change) flame.Shift) []foldedChange {
	var rows []foldedChange
	for _, change := range changes {
		last := len(rows) - 1
		if last < 0 || of(rows[last].Change) != of(change) {
			rows = append(rows, foldedChange{Change: change})
			continue
		}
		rows[last].others++
		if !classify.Category(rows[last].Category).Tells() {
			rows[last].Change = change
		}
	}
	return rows
}

func (f foldedChange) alike() string {
	if f.others == 0 {
		return ""
	}
	return fmt.Sprintf(" (and %d with the same counts)", f.others)
}
