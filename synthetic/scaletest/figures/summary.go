package figures

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// Conclude fills throughput, verdict and warnings of a test from its iterations.
func Conclude(test *scalerun.Test, aborted error) {
	MarkWarmUp(Measured(test.Iterations), test.Rate)
	counted, fallback := rates(test.Iterations)
	// A test is concluded after each iteration: the warning is about the present ones.
	test.Warnings = slices.DeleteFunc(slices.Clone(test.Warnings), func(w string) bool {
		return strings.HasPrefix(w, noneCounts)
	})
	if len(counted) == 0 && len(fallback) > 0 {
		counted = fallback
		test.Warnings = append(test.Warnings, noneCounts+flagsOf(Measured(test.Iterations)))
	}
	test.Throughput = geometric(counted)
	setCost(test)
	test.Verdict, test.Reason = verdict(test, aborted)
}

// noneCounts is how the warning begins that no iteration counts.
const noneCounts = "no iteration counts, so the throughput is that of all iterations after the warm-up; it enters no " +
	"comparison: "

// Measured leaves out the iteration for the profiles, which is the last one.
func Measured(iterations []scalerun.Iteration) []scalerun.Iteration {
	last := len(iterations) - 1
	if last >= 0 && slices.Contains(iterations[last].Flags, FlagProfiled) {
		return iterations[:last]
	}
	return iterations
}

// rates returns the throughputs of the iterations that count, and of all after the
// warm-up.
func rates(iterations []scalerun.Iteration) (counted, all []float64) {
	for _, it := range iterations {
		if it.Throughput == nil || it.WarmUp || slices.Contains(it.Flags, FlagProfiled) {
			continue
		}
		all = append(all, *it.Throughput)
		if it.Counts() {
			counted = append(counted, *it.Throughput)
		}
	}
	return counted, all
}

// geometric returns the geometric mean and the extremes, nil without values.
func geometric(rates []float64) (t scalerun.Throughput) {
	if len(rates) == 0 {
		return t
	}
	sum, low, high := 0.0, math.Inf(1), math.Inf(-1)
	for _, v := range rates {
		sum += math.Log(v)
		low, high = min(low, v), max(high, v)
	}
	mean := math.Exp(sum / float64(len(rates)))
	mean = min(max(mean, low), high) // rounding must not leave the extremes
	return scalerun.Throughput{Value: &mean, Low: &low, High: &high}
}

// flagsOf says how many iterations have each flag.
func flagsOf(iterations []scalerun.Iteration) string {
	var order []string
	count := map[string]int{}
	for _, it := range iterations {
		for _, flag := range it.Flags {
			if count[flag] == 0 {
				order = append(order, flag)
			}
			count[flag]++
		}
	}
	parts := make([]string, len(order))
	for i, flag := range order {
		parts[i] = fmt.Sprintf("%s ×%d", flag, count[flag])
	}
	return strings.Join(parts, ", ")
}

// lostInTrials are the records that a search lost which found no rate.
func lostInTrials(s *scalerun.Sustainable) (lost int64) {
	if s == nil || s.Rate != nil {
		return 0
	}
	for _, trial := range s.Trials {
		lost += trial.Lost
	}
	return lost
}

// verdict judges a test. A test that did not come to its end is aborted; one whose records
// were not sent as planned, or did not all arrive, is void.
func verdict(test *scalerun.Test, aborted error) (scalerun.Verdict, string) {
	if aborted != nil {
		return scalerun.Aborted, aborted.Error()
	}
	var unsent, lost int64
	for _, it := range Measured(test.Iterations) {
		unsent += it.NotSent + it.ProduceFailed
		lost += it.Lost
	}
	switch {
	case unsent > 0:
		return scalerun.Void, fmt.Sprintf("%d records were not sent as planned, so the load was not the planned one "+
			"(lower --rate, or give this machine or the brokers more CPU or network)", unsent)
	case lost > 0:
		return scalerun.Void, fmt.Sprintf("%d records did not reach every sink", lost) + whereLost(Measured(test.Iterations))
	case lostInTrials(test.Sustainable) > 0:
		return scalerun.Void, fmt.Sprintf("%d records of the trials did not reach every sink, and no rate was sustained "+
			"(does the job filter records, or has it restarted?)", lostInTrials(test.Sustainable))
	case len(test.Iterations) == 0 && test.Sustainable == nil:
		return scalerun.Aborted, "no iteration came to its end"
	}
	return scalerun.OK, ""
}

// whereLost ends the reason of a test that lost records: a sink that shows none of them is a fault of the
// set-up, a sink that lacks some is one of the job.
func whereLost(iterations []scalerun.Iteration) string {
	seen := map[string]int64{}
	for _, it := range iterations {
		for name, sink := range it.Sinks {
			seen[name] += sink.Seen
		}
	}
	maps.DeleteFunc(seen, func(_ string, n int64) bool { return n > 0 })
	if none := slices.Sorted(maps.Keys(seen)); len(none) > 0 {
		return fmt.Sprintf(", and none reached %s (does the job write the seed there, as the section sinks says? sidecar "+
			"doctor checks it)", strings.Join(none, ", "))
	}
	return " (does the job filter records, or has it restarted? --format=json has the count of each sink)"
}

// setCost compares the profiled iteration with the others that count.
func setCost(test *scalerun.Test) {
	if test.Profiled == nil {
		return
	}
	test.Profiled.Cost = nil
	var with *float64
	var others []scalerun.Iteration
	for _, it := range test.Iterations {
		if it.Iteration == test.Profiled.Iteration {
			with = it.Throughput
			continue
		}
		others = append(others, it)
	}
	counted, _ := rates(others)
	if without := geometric(counted).Value; with != nil && without != nil {
		cost := 1 - *with / *without
		test.Profiled.Cost = &cost
	}
}
