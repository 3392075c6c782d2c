package alerts

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// quietDays is the number of days of the table in docs/rules.md.
const quietDays = 100

// healthySignals are the columns of the table. With a sample a minute a window has fewer of them. A new
// table must not have more than most in a cell, so that -update hides no rule that became worse. The
// firings of the first days, of a number, do not count. version is how long a version of the job runs; 0
// is for ever.
var healthySignals = []struct {
	name       string
	every      time.Duration
	rho, noise float64
	level      func(time.Duration) float64
	most       int
	first      int
	version    time.Duration
}{
	{"noise", 15 * time.Second, 0, 0.1, half, 0, 0, 0},
	{"ρ 0.5", 15 * time.Second, 0.5, 0.1, half, 0, 0, 0},
	{"ρ 0.9", 15 * time.Second, 0.9, 0.1, half, 0, 0, 0},
	{"ρ 0.9, a minute", time.Minute, 0.9, 0.1, half, 0, 0, 0},
	{"gentle days", time.Minute, 0.9, 0.01, sine, 0, 0, 0},
	{firstSteep, time.Minute, 0.9, 0.01, steep, 1, 0, 0},
	{"steep days", time.Minute, 0.9, 0.01, steep, 0, 1, 0},
	{"new versions", time.Minute, 0.9, 0.01, steep, 0, 1, 24 * time.Hour},
}

// falseFirings counts the false firings of each rule in each kind of signal.
func falseFirings(t *testing.T, days int) map[string][]int {
	t.Helper()
	out := map[string][]int{}
	for i, kind := range healthySignals {
		length := days
		if kind.name == firstSteep {
			length = 1
		}
		s := simulate(t, kind.every, kind.rho)
		s.version = kind.version
		fired := s.days(kind.rho, kind.noise, kind.first, length, kind.level)
		for _, name := range ShippedNames() {
			if i == 0 {
				out[name] = make([]int, len(healthySignals))
			}
			out[name][i] = fired[name]
		}
	}
	return out
}

// firstSteep is the column of a single day, of which no earlier one is known.
const firstSteep = "first steep day"

// quietTable writes the table of docs/rules.md.
func quietTable(counts map[string][]int) string {
	var out strings.Builder
	out.WriteString("| rule |")
	for _, kind := range healthySignals {
		out.WriteString(" " + kind.name + " |")
	}
	out.WriteString("\n|---|" + strings.Repeat("---|", len(healthySignals)) + "\n")
	for _, name := range ShippedNames() {
		fmt.Fprintf(&out, "| `%s` |", name)
		for _, n := range counts[name] {
			fmt.Fprintf(&out, " %d |", n)
		}
		out.WriteString("\n")
	}
	return out.String()
}

// TestFalseFirings simulates the first days of the table in docs/rules.md, or with FALSE_FIRINGS
// all of them, and writes the table with -update too.
func TestFalseFirings(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine computes: the race detector sees nothing and makes it many times slower")
	}
	const path = "../docs/rules.md"
	if os.Getenv("FALSE_FIRINGS") == "" {
		raw, err := os.ReadFile(path)
		require.NoError(t, err)
		table := readQuietTable(t, string(raw))
		requireBounded(t, table)
		for rule, counts := range falseFirings(t, 1) {
			require.Len(t, table[rule], len(healthySignals), "%s: run FALSE_FIRINGS=1 go test ./alerts -run FalseFirings -update",
				rule)
			for i, n := range counts {
				require.LessOrEqual(t, n, table[rule][i], "%s, %s", rule, healthySignals[i].name)
			}
		}
		return
	}
	counts := falseFirings(t, quietDays)
	requireBounded(t, counts)
	table := quietTable(counts)
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	want := section(string(raw), "false firings", table)
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(raw))
}

// requireBounded holds each cell to the most of its column.
func requireBounded(t *testing.T, counts map[string][]int) {
	t.Helper()
	require.Len(t, counts, len(ShippedNames()))
	for rule, cells := range counts {
		for i, n := range cells {
			require.LessOrEqual(t, n, healthySignals[i].most, "%s, %s", rule, healthySignals[i].name)
		}
	}
}

// TestDocSaysWhereRulesFire recounts the cells of the table with a false firing.
func TestDocSaysWhereRulesFire(t *testing.T) {
	raw, err := os.ReadFile("../docs/rules.md")
	require.NoError(t, err)
	rules := 0
	for name, cells := range readQuietTable(t, string(raw)) {
		for i, n := range cells {
			if healthySignals[i].name == firstSteep {
				rules += n
				continue
			}
			require.Zero(t, n, "%s, %s", name, healthySignals[i].name)
		}
	}
	require.Contains(t, strings.Join(strings.Fields(string(raw)), " "),
		fmt.Sprintf("On the first steep day, %d rules fire once", rules))
}

// readQuietTable reads the numbers of the table in docs/rules.md.
func readQuietTable(t *testing.T, doc string) map[string][]int {
	t.Helper()
	found := regexp.MustCompile(`(?s)<!-- false firings: .*?<!-- end -->`).FindString(doc)
	require.NotEmpty(t, found)
	out := map[string][]int{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|(.*)\\|$").FindAllStringSubmatch(found, -1) {
		for cell := range strings.SplitSeq(row[2], "|") {
			n, err := strconv.Atoi(strings.TrimSpace(cell))
			require.NoError(t, err)
			out[row[1]] = append(out[row[1]], n)
		}
	}
	return out
}
