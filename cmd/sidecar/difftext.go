package main

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// diffText prints a comparison for reading: frames whose share changed by more
// than chance explains, and how many others there are.
type diffText struct {
	w io.Writer
	diffDocument
}

func (t diffText) write() error {
	out := bufio.NewWriter(t.w)
	t.side(out, "base", t.Base)
	t.side(out, "new", t.New)
	fmt.Fprintf(out, "\nShares of all samples, so that load and duration don't matter. Bands hold for all %d comparisons at once with %.0f %% confidence.\n", t.Compared, t.Confidence*100)
	t.shifts(out, "self", func(c flame.Change) flame.Shift { return c.Self })
	t.shifts(out, "total", func(c flame.Change) flame.Shift { return c.Total })
	return out.Flush()
}

func (t diffText) side(w io.Writer, label string, side diffSide) {
	fmt.Fprintf(w, "%-5s%s: %s, %d samples, quality %s", label, printable(side.File), side.Mode, side.Total, side.Quality.Grade)
	if len(side.Quality.Reasons) > 0 {
		fmt.Fprintf(w, " because of %s", strings.Join(side.Quality.Reasons, "; "))
	}
	if side.Idle > 0 {
		fmt.Fprintf(w, "; idle and parked threads have %.1f %% and are left out", percentOf(side.Idle, side.Total))
	}
	fmt.Fprintln(w)
}

// shifts lists the changes of one of a frame's values, the largest first.
func (t diffText) shifts(w io.Writer, by string, of func(flame.Change) flame.Shift) {
	changed := slices.DeleteFunc(slices.Clone(t.Frames), func(c flame.Change) bool { return of(c).Verdict == flame.Unchanged })
	within := len(t.Frames) - len(changed)
	if len(changed) == 0 {
		fmt.Fprintf(w, "\nby %s: ~ (none of %d frames differs by more than the sampling error)\n", by, within)
		return
	}
	slices.SortStableFunc(changed, func(a, b flame.Change) int {
		return cmp.Compare(math.Abs(of(b).Points), math.Abs(of(a).Points))
	})
	fmt.Fprintf(w, "\nby %s\n%-8s%8s%8s%9s  %-18s%-22s%s\n", by, "verdict", "base %", "new %", "points", "band", "category", "frame")
	for _, c := range changed[:min(rowsShown, len(changed))] {
		s := of(c)
		fmt.Fprintf(w, "%-8s%8.2f%8.2f%+9.2f  %-18s%-22s%s\n", s.Verdict, s.BasePercent, s.NewPercent, s.Points,
			fmt.Sprintf("%+.2f to %+.2f", s.Low, s.High), c.Category, printable(c.Name))
	}
	if more := len(changed) - rowsShown; more > 0 {
		fmt.Fprintf(w, "… and %d more (--to=json lists them)\n", more)
	}
	fmt.Fprintf(w, "~ %d other frames differ by no more than the sampling error\n", within)
}
