package report

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// headline is the result in one line.
func headline(t scalerun.Test) string {
	text := string(t.Verdict)
	if t.Reason != "" {
		text += ": " + t.Reason
	}
	if v := t.Throughput.Value; v != nil {
		text += fmt.Sprintf("; %s records/s (%s to %s)", rate(v), rate(t.Throughput.Low), rate(t.Throughput.High))
	}
	if s := t.Sustainable; s != nil {
		text += "; sustainable: " + sustainable(*s)
	}
	return text
}

func sustainable(s scalerun.Sustainable) string {
	text := string(s.Verdict)
	if s.Rate != nil {
		text = fmt.Sprintf("%s records/s%s, %s", rate(s.Rate), beside(s), text)
	}
	if s.Headroom != nil {
		text += fmt.Sprintf(", %.1f times today's input", *s.Headroom)
	}
	return text + " (" + s.Reason + ")"
}

// beside names the input that the job had meanwhile, where it is worth a word.
func beside(s scalerun.Sustainable) string {
	if s.Beside == nil || *s.Beside < besideShare**s.Rate {
		return ""
	}
	return fmt.Sprintf(" beside %s records/s of its other input", rate(s.Beside))
}

const besideShare = 0.01

// remarks are the lines below the tables.
func remarks(t scalerun.Test) (lines []string) {
	seen := map[string]bool{}
	for _, it := range t.Iterations {
		for _, note := range it.Notes {
			if !seen[note] {
				lines = append(lines, "note: "+note)
			}
			seen[note] = true
		}
		for _, name := range sinkNames(it) {
			if o := it.Sinks[name].ClockOffset; o != nil && !seen[name] {
				lines = append(lines, fmt.Sprintf("note: %s: the clock of the stamps is %s to %s ahead of this one (negative: "+
					"behind)", name, seconds(&o.Low), seconds(&o.High)))
				seen[name] = true
			}
		}
	}
	if t.WarmUpRule != "" && slices.ContainsFunc(t.Iterations, isWarmUp) {
		lines = append(lines, "note: "+t.WarmUpRule)
	}
	if p := t.Profiled; p != nil {
		lines = append(lines, profiled(*p))
	}
	for _, warning := range t.Warnings {
		lines = append(lines, "warning: "+warning)
	}
	return lines
}

func isWarmUp(it scalerun.Iteration) bool { return it.WarmUp }

// profiled says which profiles there are, and what they cost.
func profiled(p scalerun.Profiled) string {
	where := "in an iteration of its own"
	if p.Measured {
		where = "in a measured iteration"
	}
	text := fmt.Sprintf("profiles: %s in episode %s, %s (%d)", strings.Join(p.Modes, ", "), p.Episode, where, p.Iteration)
	if p.Cost != nil {
		text += fmt.Sprintf("; its throughput was %.1f %% %s that of the others", 100*math.Abs(*p.Cost), lowerOrHigher(*p.Cost))
	}
	return text
}

func lowerOrHigher(cost float64) string {
	if cost < 0 {
		return "above"
	}
	return "below"
}

func iterationRemarks(it scalerun.Iteration) string {
	parts := slices.Clone(it.Flags)
	if it.WarmUp {
		parts = append(parts, "warm-up")
	}
	if it.Checkpoints != nil && *it.Checkpoints > 0 {
		parts = append(parts, fmt.Sprintf("checkpoints: %d", *it.Checkpoints))
	}
	if it.Backpressure != nil && *it.Backpressure >= worthALine {
		parts = append(parts, fmt.Sprintf("backpressured %.0f %%", 100**it.Backpressure))
	}
	if it.GCSeconds != nil && it.ToAllSinksSeconds != nil && *it.GCSeconds >= worthALine**it.ToAllSinksSeconds {
		parts = append(parts, fmt.Sprintf("GC %.1f s", *it.GCSeconds))
	}
	return strings.Join(parts, ", ")
}

// worthALine is the share of time from which backpressure or garbage collection stands in
// the table.
const worthALine = 0.05

func sinkNames(it scalerun.Iteration) []string { return slices.Sorted(maps.Keys(it.Sinks)) }

func dash(text string) string { return cmp.Or(text, "-") }

// rate prints a rate with four significant digits, or all digits before the point.
func rate(v *float64) string {
	if v == nil {
		return "-"
	}
	if *v >= 1000 {
		return strconv.FormatFloat(*v, 'f', 0, 64)
	}
	return strconv.FormatFloat(*v, 'g', 4, 64)
}

// seconds prints a time with about three significant digits.
func seconds(v *float64) string {
	if v == nil {
		return "-"
	}
	d := time.Duration(*v * float64(time.Second))
	switch size := d.Abs(); {
	case size < time.Second:
		return d.Round(100 * time.Microsecond).String()
	case size < time.Minute:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}
