//go:build e2e

package e2e

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/stretchr/testify/require"
)

// testReporter holds our page against Flink's own reporter: a value of ours must
// be between the reporter's own readings around the time at which Flink took it.
func testReporter(t *testing.T, s *stack, sc *sidecar) {
	b := bracket(t, s, sc)
	t.Logf("Flink took what is on the page within %s, from the TaskManagers within %s", b.width(b.job), b.width(whenAll(b, sample{})))
	var table strings.Builder
	out := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "ours\ttheirs\tseries\toutside\tfor example\tleast\tmost")
	var faults []string
	for _, p := range pairs {
		compared, wrong, example := p.compare(b)
		if compared == 0 {
			wrong = append(wrong, p.name()+" has no series that both have")
		}
		faults = append(faults, wrong...)
		fmt.Fprintf(out, "%s\t%s\t%d\t%d\t%s\n", p.name(), p.theirs, compared, len(wrong), example)
	}
	require.NoError(t, out.Flush())
	t.Logf("\n%s", &table)
	theirs := b.theirs[0]
	t.Logf("our page: %d series of Flink, %d in all, %d bytes; the reporters' pages: %d series, %d bytes",
		b.ours.ofFlink, b.ours.series, b.ours.bytes, theirs.series, theirs.bytes)
	require.Empty(t, strings.Join(faults, "\n"))
}

func (p pair) name() string {
	name := p.ours
	for _, label := range slices.Sorted(maps.Keys(p.labels)) {
		name += fmt.Sprintf("{%s=%q}", label, p.labels[label])
	}
	return name
}

// compare counts our series that the reporters have too and lists those whose
// value is not between theirs. The example is the one of the greatest value.
func (p pair) compare(b bracketed) (compared int, wrong []string, example string) {
	greatest := math.Inf(-1)
	for _, ours := range b.ours.samples(p.ours, p.labels) {
		low, high, ok := p.bounds(b, ours)
		if !ok {
			continue
		}
		compared++
		if ours.value > greatest {
			greatest, example = ours.value, fmt.Sprintf("%.9g\t%.9g\t%.9g", ours.value, low, high)
		}
		if ours.value < low-p.slack-rounding || ours.value > high+p.slack+rounding {
			wrong = append(wrong, fmt.Sprintf("%s%v is %g, the reporters had %g to %g", p.ours, ours.labels, ours.value, low, high))
		}
	}
	return compared, wrong, example
}

// bounds are the least and the most that a series of ours could be, if each
// subtask's or process's own value was one of its readings or between two.
func (p pair) bounds(b bracketed, ours sample) (low, high float64, ok bool) {
	which := map[string]string{}
	for our, their := range p.by {
		which[their] = mangled(ours.labels[our])
	}
	var lows, highs []float64
	window := p.when(b, ours)
	for _, reading := range b.theirs[window.from:window.to] {
		samples := reading.samples(p.theirs, which)
		if lows == nil {
			lows, highs = valuesOf(samples), valuesOf(samples)
		}
		if len(samples) == 0 || len(samples) != len(lows) {
			return 0, 0, false
		}
		for i, s := range samples {
			lows[i], highs[i] = min(lows[i], s.value), max(highs[i], s.value)
		}
	}
	scale := cmp.Or(p.scale, 1)
	fold := p.fold
	if fold == nil {
		fold = sum
	}
	return scale * fold(lows), scale * fold(highs), true
}

func valuesOf(samples []sample) []float64 {
	values := make([]float64, len(samples))
	for i, s := range samples {
		values[i] = s.value
	}
	return values
}

// mangled is a label's value as the reporter writes it.
func mangled(value string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || r == ':' {
			return r
		}
		return '_'
	}, value)
}
