package soak

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"gonum.org/v1/gonum/stat"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

var update = flag.Bool("update", false, "write the table of the document anew")

const (
	flat   = "flat"
	within = "within its limit"
)

// size is a row of the document. The divisor makes the unit of the name. judge returns what it compares,
// and a verdict, which is empty for what is not judged.
type size struct {
	name, column, format string
	divisor              float64
	judge                func(samples, size) (compared, verdict string)
}

func (z size) number(v float64) string { return fmt.Sprintf(z.format, v/z.divisor) }

// sizes are the rows of the document. What a leak would make grow is judged by its growth. Memory that
// the process has from the kernel is judged by a limit, because Go fills it slowly: see the document.
var sizes = []size{
	{"heap at which Go collects next, MiB", "goal_bytes", "%.2f", 1 << 20, besideTheWindows},
	{"history file, kB", "history_bytes", "%.0f", 1000, byLine},
	{"goroutines", "goroutines", "%.0f", 1, byHalves},
	{"file descriptors", "descriptors", "%.0f", 1, byHalves},
	{"anonymous memory, MiB", "anonymous_bytes", "%.2f", 1 << 20, belowTwiceTheGoal},
	{"pages of files (program, history), MiB", "file_bytes", "%.2f", 1 << 20, notJudged},
	{"resident memory: the sum of both, MiB", "resident_bytes", "%.2f", 1 << 20, notJudged},
}

// negligible is the growth in an hour, as a share of the mean, up to which a size is flat.
const negligible = 0.05

func byLine(s samples, of size) (compared, verdict string) {
	g := s.growth(of.column)
	return line(g, of), g.verdict(negligible * g.mean)
}

// windows is the growth of the heap in an hour, in bytes, that is no leak: the trends keep each sample of
// their windows, which are full after two hours. Two versions were measured before that: both grew by less.
const windows = 0.6 * (1 << 20)

func besideTheWindows(s samples, of size) (compared, verdict string) {
	g := s.growth(of.column)
	return line(g, of), g.verdict(max(negligible*g.mean, windows))
}

func line(g growth, of size) string {
	return of.number(g.low) + " to " + of.number(g.high) + " an hour"
}

// more is how many goroutines or descriptors the second half may have above the first. They come and
// go, a connection has two goroutines, and a line through them is too rough. A leak of one for each
// episode adds 5 and more.
const more = 2

// byHalves compares the least of both halves.
func byHalves(s samples, of size) (compared, verdict string) {
	values := s[of.column]
	if len(values) < 2 {
		return "", "unknown"
	}
	first, second := slices.Min(values[:len(values)/2]), slices.Min(values[len(values)/2:])
	compared = of.number(first) + ", then " + of.number(second)
	if second <= first+more {
		return compared, flat
	}
	return compared, "grows"
}

// belowTwiceTheGoal compares the largest sample with twice the mean of the heap at which Go collects:
// that heap, what is left in its pages, and what the runtime keeps beside it.
func belowTwiceTheGoal(s samples, of size) (compared, verdict string) {
	if len(s[of.column]) == 0 {
		return "", "unknown"
	}
	compared = line(s.growth(of.column), of)
	if slices.Max(s[of.column]) <= 2*stat.Mean(s["goal_bytes"], nil) {
		return compared, within
	}
	return compared, "above its limit"
}

func notJudged(s samples, of size) (compared, verdict string) {
	return line(s.growth(of.column), of), ""
}

// markdown is what the document shows.
func (s samples) markdown() string {
	var out strings.Builder
	steady := s.since(settled)
	out.WriteString("| | mean | largest | growth | verdict |\n|---|---:|---:|---:|---|\n")
	for _, size := range sizes {
		values := steady[size.column]
		compared, verdict := size.judge(steady, size)
		fmt.Fprintf(&out, "| %s | %s | %s | %s | %s |\n", size.name, size.number(stat.Mean(values, nil)),
			size.number(slices.Max(values)), compared, verdict)
	}
	hours := s.last("seconds") / 3600
	fmt.Fprintf(&out, "\n%d samples in %.0f minutes; the lines begin after %d minutes. %.0f episodes, %.0f records of "+
		"the\nprobe, %.2f %% of a core. The log has %.0f lines, %.1f kB: %.1f lines and %.0f bytes for each episode,\n"+
		"%.0f kB in a day of such hours. An episode adds %.1f kB beside the history.\n",
		len(s["seconds"]), 60*hours, settled/60, s.last("episodes"), s.last("records"),
		100*s.last("cpu_seconds")/s.last("seconds"), s.last("log_lines"), s.last("log_bytes")/1000,
		s.last("log_lines")/s.last("episodes"), s.last("log_bytes")/s.last("episodes"),
		24*s.last("log_bytes")/1000/hours, s.last("beside_bytes")/1000/s.last("episodes"))
	return out.String()
}

// faults are the rows whose verdict is neither flat nor within a limit.
func (s samples) faults() (faults []string) {
	for _, size := range sizes {
		if compared, verdict := size.judge(s, size); !slices.Contains([]string{flat, within, ""}, verdict) {
			faults = append(faults, fmt.Sprintf("%s: %s (%s)", size.name, verdict, compared))
		}
	}
	return faults
}

func (s samples) last(column string) float64 { return s[column][len(s[column])-1] }

// measured is the hour that was measured.
func measured(t *testing.T) samples {
	t.Helper()
	text, err := os.ReadFile("testdata/hour.csv")
	require.NoError(t, err)
	hour, err := parse(text)
	require.NoError(t, err)
	require.GreaterOrEqual(t, hour.last("seconds"), 3600.0, "an hour was measured")
	return hour
}

// TestDocument compares the document with the hour that was measured.
func TestDocument(t *testing.T) {
	documenttest.Says(t, "../../../docs/operations.md", fmt.Sprintf("at most %.0f %% of the mean, or %.1f MiB of the heap",
		100*negligible, float64(windows)/(1<<20)))
	documenttest.Hold(t, "../../../docs/operations.md", "soak", measured(t).markdown(), *update)
}

// One of a kind that is kept for each episode is found within the hour, and so is a heap that
// keeps 100 kB for each.
func TestALeakOfEachEpisodeIsFound(t *testing.T) {
	hour := measured(t)
	require.Empty(t, hour.since(settled).faults())
	require.NotEmpty(t, samples{}.faults(), "no samples are no success")
	for column, each := range map[string]float64{"goroutines": 1, "descriptors": 1, "goal_bytes": 150e3, "history_bytes": 50e3} {
		leaky := maps.Clone(hour)
		leaky[column] = slices.Clone(hour[column])
		for i := range leaky[column] {
			leaky[column][i] += each * hour["episodes"][i]
		}
		require.Len(t, leaky.since(settled).faults(), 1, column)
	}
	fragmented := maps.Clone(hour)
	fragmented["anonymous_bytes"] = slices.Clone(hour["anonymous_bytes"])
	fragmented["anonymous_bytes"][len(fragmented["anonymous_bytes"])-1] *= 2
	faults := fragmented.since(settled).faults()
	require.Len(t, faults, 1)
	require.Contains(t, faults[0], "anonymous memory, MiB: above its limit")
}
