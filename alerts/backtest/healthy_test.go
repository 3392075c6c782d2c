package backtest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/rules.md")

const rulesDoc = "../../docs/rules.md"

// healthyDays is how many days of each recorded job the table in docs/rules.md has, and
// firstDays how many each test run repeats.
const (
	healthyDays = 100
	firstDays   = 0.25
)

// healthyRow is what a rule did on recorded healthy jobs.
type healthyRow struct {
	signals  int     // that were recorded
	hours    float64 // of all of them
	replayed int     // firings in the replay
	days     float64 // of all of them, resampled
	falsely  int     // firings in these days
}

// cells are those of the table. A rule whose signal no job has is not judged.
func (r healthyRow) cells() []string {
	if r.signals == 0 {
		return []string{"0", "", "", "", ""}
	}
	return []string{
		strconv.Itoa(r.signals), fmt.Sprintf("%.1f", r.hours), strconv.Itoa(r.replayed),
		fmt.Sprintf("%.0f", r.days), strconv.Itoa(r.falsely),
	}
}

// everyRule has all shipped rules on, also those that are off by default.
func everyRule(t *testing.T) alerts.Config {
	t.Helper()
	c, off := alerts.DefaultConfig(), false
	for _, name := range alerts.ShippedNames() {
		c.Rules = append(c.Rules, alerts.RuleConfig{Name: name, Disabled: &off})
	}
	require.Empty(t, c.Validate())
	return c
}

// healthyRows replays each recording, and resamples so many days of it.
func healthyRows(t *testing.T, recordings []recording, days float64) map[string]*healthyRow {
	t.Helper()
	c, out := everyRule(t), map[string]*healthyRow{}
	for _, name := range alerts.ShippedNames() {
		out[name] = &healthyRow{}
	}
	for i, r := range recordings {
		replayed, err := Run(c, snapshot.Labels{}, r.samples.Pages())
		require.NoError(t, err)
		for _, score := range replayed.Rules {
			out[score.Rule].replayed += score.Fired
		}
		hours, resampled := r.hours(), r.resample(c, uint64(i), time.Duration(days*24*float64(time.Hour)))
		for _, rule := range c.EffectiveRules() {
			row := out[rule.Name]
			for _, h := range hours[rule.Signal] {
				row.signals++
				row.hours += h
			}
			row.days += resampled.lasted[rule.Signal].Hours() / 24
			row.falsely += resampled.fired[rule.Name]
		}
	}
	return out
}

func healthyTable(rows map[string]*healthyRow) string {
	var out strings.Builder
	out.WriteString("| rule | signals | hours | fired | resampled days | fired |\n|---|---|---|---|---|---|\n")
	for _, name := range alerts.ShippedNames() {
		fmt.Fprintf(&out, "| `%s` | %s |\n", name, strings.Join(rows[name].cells(), " | "))
	}
	return out.String()
}

// TestFalseFiringsOnRecordedJobs replays the recorded healthy jobs, and resamples the first hours
// of the table in docs/rules.md, or with HEALTHY all of it; -update then writes the table.
func TestFalseFiringsOnRecordedJobs(t *testing.T) {
	recordings := readRecordings(t)
	raw, err := os.ReadFile(rulesDoc)
	require.NoError(t, err)
	if os.Getenv("HEALTHY") == "" {
		table := tableIn(t, string(raw), "healthy jobs")
		for rule, row := range healthyRows(t, recordings, firstDays) {
			cells, want := row.cells(), table[rule]
			require.Len(t, want, len(cells), "%s: run HEALTHY=1 go test ./alerts/backtest -run RecordedJobs -update", rule)
			require.Equal(t, want[:3], cells[:3], rule)
			if row.signals > 0 {
				most, err := strconv.Atoi(want[4])
				require.NoError(t, err)
				require.LessOrEqual(t, row.falsely, most, rule)
			}
		}
		return
	}
	want := withTable(string(raw), "healthy jobs", healthyTable(healthyRows(t, recordings, healthyDays)))
	if *update {
		require.NoError(t, os.WriteFile(rulesDoc, []byte(want), 0o644))
		return
	}
	require.Equal(t, want, string(raw))
}

// TestDocSaysWhatWasRecorded recounts the numbers of docs/rules.md about the recordings.
func TestDocSaysWhatWasRecorded(t *testing.T) {
	recordings := readRecordings(t)
	jobs, hours := 0, 0.0
	for _, r := range recordings {
		for _, h := range r.jobHours() {
			jobs++
			hours += h
		}
	}
	require.GreaterOrEqual(t, hours, 2.0)
	text := documenttest.Text(t, rulesDoc)
	require.Contains(t, text, fmt.Sprintf("of %d healthy jobs, together %.1f job-hours", jobs, hours))
	require.Contains(t, text, fmt.Sprintf("blocks of %.0f min", blockLength.Minutes()))
	require.Contains(t, text, fmt.Sprintf("%d days of each recording", healthyDays))
	var size int64
	for _, path := range recordingPaths(t) {
		info, err := os.Stat(path)
		require.NoError(t, err)
		size += info.Size()
	}
	require.Less(t, size, int64(1<<20))
}

// TestResamplingFindsFirings has a recording in which each block is beyond a limit for a while.
func TestResamplingFindsFirings(t *testing.T) {
	samples, _, err := Read(strings.NewReader(sampled(60, func(m int) float64 {
		if m%30 < 20 {
			return 20 << 30
		}
		return 1 << 30
	})))
	require.NoError(t, err)
	rows := healthyRows(t, []recording{recordingOf(t, "size", samples)}, 1)
	size := rows["checkpoint-size"]
	require.Equal(t, 1, size.signals)
	require.InDelta(t, 59./60, size.hours, 0.01)
	require.InDelta(t, 1, size.days, 1e-9)
	require.Positive(t, size.falsely)
	require.Equal(t, []string{"0", "", "", "", ""}, rows["headroom"].cells())
}

func TestResamplingKeepsALevel(t *testing.T) {
	samples, _, err := Read(strings.NewReader(sampled(60, func(m int) float64 { return float64(1<<30 + m%7) })))
	require.NoError(t, err)
	r := recordingOf(t, "size", samples).resample(everyRule(t), 1, 24*time.Hour)
	require.Empty(t, r.fired)
	require.Equal(t, 24*time.Hour, r.lasted[snapshot.CheckpointSize])
}

func recordingPaths(t *testing.T) []string {
	t.Helper()
	paths, err := filepath.Glob("testdata/healthy/*.csv.gz")
	require.NoError(t, err)
	return paths
}

// withTable replaces a table that is written by a test.
func withTable(text, name, table string) string {
	between := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^>]*-->\n).*?(<!-- end -->)`)
	return between.ReplaceAllString(text, "${1}\n"+strings.ReplaceAll(table, "$", "$$")+"\n${2}")
}

// tableIn are the cells of such a table by their rule.
func tableIn(t *testing.T, text, name string) map[string][]string {
	t.Helper()
	found := regexp.MustCompile(`(?s)<!-- ` + name + `: .*?<!-- end -->`).FindString(text)
	require.NotEmpty(t, found)
	out := map[string][]string{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\|(.*)\\|$").FindAllStringSubmatch(found, -1) {
		for cell := range strings.SplitSeq(row[2], "|") {
			out[row[1]] = append(out[row[1]], strings.TrimSpace(cell))
		}
	}
	return out
}
