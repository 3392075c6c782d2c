package soak

import (
	"bytes"
	"encoding/csv"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

var update = flag.Bool("update", false, "write the table of the document anew")

// samples are the columns of a file. Each has a value for each sample.
type samples map[string][]float64

// parse reads a CSV file whose first row has the names of the columns.
func parse(text []byte) (samples, error) {
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil {
		return nil, err
	}
	if len(rows) < 2 {
		return nil, fmt.Errorf("%d rows are no samples", len(rows))
	}
	all := samples{}
	for _, row := range rows[1:] {
		for i, cell := range row {
			v, err := strconv.ParseFloat(cell, 64)
			if err != nil {
				return nil, err
			}
			all[rows[0][i]] = append(all[rows[0][i]], v)
		}
	}
	for i, anonymous := range all["anonymous_bytes"] {
		all["file_bytes"] = append(all["file_bytes"], all["resident_bytes"][i]-anonymous)
	}
	return all, nil
}

// settled is when every limit of the hour's configuration is reached, in seconds after the start:
// the history has all the probe records that it keeps, and was swept twice since.
const settled = 25 * 60

// since drops the samples before a time in seconds.
func (s samples) since(seconds float64) samples {
	from := slices.IndexFunc(s["seconds"], func(at float64) bool { return at >= seconds })
	later := samples{}
	for name, values := range s {
		if from >= 0 {
			later[name] = values[from:]
		}
	}
	return later
}

// growth is what a line says of a size: its mean, and the ends of the 95 % interval of its growth
// in an hour.
type growth struct {
	mean, low, high float64
	known           bool
}

func growthOf(times, values []float64) (g growth) {
	line := stat.FitLine(times, values)
	for _, v := range values {
		g.mean += v / float64(len(values))
	}
	g.low, g.high, g.known = line.SlopeInterval(0.025)
	g.low, g.high = 3600*g.low, 3600*g.high
	return g
}

// negligible is the growth in an hour, as a share of the mean, up to which a size is flat.
const negligible = 0.05

// verdict is flat if all of the interval is below what is negligible, and grows if all of it is
// above 0. What is neither is not decided.
func (g growth) verdict() string {
	switch {
	case !g.known:
		return "unknown"
	case g.high <= negligible*g.mean:
		return "flat"
	case g.low > 0:
		return "grows"
	}
	return "not decided"
}

// sizes are the rows of the document. The divisor makes the unit of the name.
var sizes = []struct {
	name, column, format string
	divisor              float64
}{
	{"resident memory, MiB", "resident_bytes", "%.2f", 1 << 20},
	{"of this anonymous memory, MiB", "anonymous_bytes", "%.2f", 1 << 20},
	{"of this pages of files (program, history), MiB", "file_bytes", "%.2f", 1 << 20},
	{"heap in use, MiB", "heap_bytes", "%.2f", 1 << 20},
	{"heap at which Go collects next, MiB", "goal_bytes", "%.2f", 1 << 20},
	{"file descriptors", "descriptors", "%.2f", 1},
	{"goroutines", "goroutines", "%.2f", 1},
	{"history file, kB", "history_bytes", "%.0f", 1000},
}

// markdown is what the document shows.
func (s samples) markdown() string {
	var out strings.Builder
	steady := s.since(settled)
	out.WriteString("| | mean | growth in an hour, 95 % interval | verdict |\n|---|---:|---:|---|\n")
	for _, size := range sizes {
		g := growthOf(steady["seconds"], steady[size.column])
		number := func(v float64) string { return fmt.Sprintf(size.format, v/size.divisor) }
		fmt.Fprintf(&out, "| %s | %s | %s to %s | %s |\n", size.name, number(g.mean), number(g.low), number(g.high),
			g.verdict())
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

func (s samples) last(column string) float64 { return s[column][len(s[column])-1] }

// notMeasured stands in the document until there is an hour.
const notMeasured = "It was not measured yet.\n"

// TestDocument compares the table of the document with the hour that was measured.
func TestDocument(t *testing.T) {
	const document = "../../../docs/operations.md"
	text, err := os.ReadFile("testdata/hour.csv")
	if errors.Is(err, fs.ErrNotExist) {
		documenttest.Hold(t, document, "soak", notMeasured, *update)
		return
	}
	require.NoError(t, err)
	hour, err := parse(text)
	require.NoError(t, err)
	require.GreaterOrEqual(t, hour.last("seconds"), 3600.0, "an hour was measured")
	documenttest.Hold(t, document, "soak", hour.markdown(), *update)
}

// TestVerdict plants growth: a sawtooth as of a garbage collector is flat, one that rises by a
// tenth of its mean in the hour is not, and what is too noisy to tell is not decided.
func TestVerdict(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	plant := func(perHour, noise float64) string {
		var times, values []float64
		for i := range 210 {
			at := float64(i) * 10
			times = append(times, at)
			values = append(values, 100+float64(i%7)+perHour*at/3600+noise*random.NormFloat64())
		}
		return growthOf(times, values).verdict()
	}
	require.Equal(t, "flat", plant(0, 1))
	require.Equal(t, "grows", plant(10, 1))
	require.Equal(t, "flat", plant(-10, 1), "what shrinks does not grow")
	require.Equal(t, "not decided", plant(4, 40))
	require.Equal(t, "flat", growthOf([]float64{0, 10, 20}, []float64{7, 7, 7}).verdict())
	require.Equal(t, "unknown", growthOf([]float64{0, 10}, []float64{7, 8}).verdict())
}

func TestParse(t *testing.T) {
	s, err := parse([]byte("seconds,a\n0,1\n10,2\n20,3\n"))
	require.NoError(t, err)
	require.Equal(t, samples{"seconds": {10, 20}, "a": {2, 3}}, s.since(5))
	require.Empty(t, s.since(30))
	s, err = parse([]byte("resident_bytes,anonymous_bytes\n5,2\n"))
	require.NoError(t, err)
	require.Equal(t, []float64{3}, s["file_bytes"])
	_, err = parse([]byte("seconds,a\n"))
	require.ErrorContains(t, err, "1 rows are no samples")
	_, err = parse([]byte("seconds,a\n0,x\n"))
	require.Error(t, err)
}
