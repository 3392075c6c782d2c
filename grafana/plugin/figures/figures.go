package main

import (
	"fmt"
	"slices"
	"strings"
)

// figure is something that was measured one or more times on one day.
type figure struct {
	What string `json:"what"`
	// Unit is ms, s or MB; Goal is the most that it should be, in this unit.
	Unit string  `json:"unit"`
	Goal float64 `json:"goal"`
	// Day is as in 2026-11-30, Machine a few words.
	Day     string `json:"day"`
	Machine string `json:"machine"`
	// Values are processor time, or the size. Clock is the time that passed; none for a size.
	Values []float64 `json:"values"`
	Clock  []float64 `json:"clock,omitempty"`
	// Load is the mean number of processes that wanted to run in the minute before.
	Load float64 `json:"load"`
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)-1)/2]
}

// table shows figures as Markdown.
func table(all []figure) string {
	var text strings.Builder
	text.WriteString("| | least | median | times | by the clock, least | goal | load | day |\n" +
		"|---|---|---|---|---|---|---|---|\n")
	for _, f := range all {
		clock := ""
		if len(f.Clock) > 0 {
			clock = f.shown(slices.Min(f.Clock))
		}
		fmt.Fprintf(&text, "| %s | %s | %s | %d | %s | %s | %.0f | %s |\n", f.What, f.shown(slices.Min(f.Values)),
			f.shown(median(f.Values)), len(f.Values), clock, f.shown(f.Goal), f.Load, f.Day)
	}
	return text.String()
}

func (f figure) shown(value float64) string {
	if value < 10 && value != float64(int(value)) {
		return fmt.Sprintf("%.1f %s", value, f.Unit)
	}
	return fmt.Sprintf("%.0f %s", value, f.Unit)
}

// merged puts figures into the places of older ones of the same name.
func merged(older, newer []figure) []figure {
	all := slices.Clone(older)
	for _, f := range newer {
		at := slices.IndexFunc(all, func(one figure) bool { return one.What == f.What })
		if at < 0 {
			all = append(all, f)
			continue
		}
		all[at] = f
	}
	return all
}
