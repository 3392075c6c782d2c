package backtest

import (
	"encoding/csv"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
)

// provoked is a trouble that was provoked on the real stack. testdata/leads.csv says when, where
// and how.
type provoked struct {
	trouble, how, rule, limit, window string
	fired, passed                     time.Time // passed is zero if the limit was not passed
	predicted                         time.Duration
	profile, annotation, finding      string
}

func (p provoked) lead() time.Duration { return p.passed.Sub(p.fired).Round(time.Second) }

// horizon is how far its rule looked ahead.
func (p provoked) horizon() time.Duration {
	if strings.Contains(p.how, "horizon: 20m") {
		return 20 * time.Minute
	}
	return 10 * time.Minute
}

func (p provoked) cells() []string {
	lead := "not passed"
	if !p.passed.IsZero() {
		lead = lasted(p.lead())
	}
	return []string{
		p.trouble, "`" + p.rule + "`, " + p.limit, p.window, lead, lasted(p.predicted), p.profile, p.finding,
	}
}

// lasted is a length of time in minutes and seconds.
func lasted(d time.Duration) string {
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

func readProvoked(t *testing.T) []provoked {
	t.Helper()
	file, err := os.Open("testdata/leads.csv")
	require.NoError(t, err)
	defer file.Close()
	rows := csv.NewReader(file)
	rows.Comment = '#'
	all, err := rows.ReadAll()
	require.NoError(t, err)
	require.Equal(t, "trouble,how,rule,limit,window,fired,passed,predicted_seconds,profile,annotation,finding",
		strings.Join(all[0], ","))
	var out []provoked
	for _, row := range all[1:] {
		p := provoked{
			trouble: row[0], how: row[1], rule: row[2], limit: row[3], window: row[4],
			profile: row[8], annotation: row[9], finding: row[10],
		}
		p.fired, err = time.Parse(time.RFC3339, row[5])
		require.NoError(t, err)
		if row[6] != "" {
			p.passed, err = time.Parse(time.RFC3339, row[6])
			require.NoError(t, err)
		}
		seconds, err := strconv.ParseFloat(row[7], 64)
		require.NoError(t, err)
		p.predicted = time.Duration(seconds * float64(time.Second)).Round(time.Second)
		out = append(out, p)
	}
	return out
}

// TestLeadTimesOfProvokedTroubles holds the table of docs/rules.md to what was seen; -update
// writes it.
func TestLeadTimesOfProvokedTroubles(t *testing.T) {
	var table strings.Builder
	table.WriteString("| trouble | rule, limit | window | warned before | predicted | profile | first finding |\n" +
		"|---|---|---|---|---|---|---|\n")
	shipped := strings.Join(alerts.ShippedNames(), " ")
	for _, p := range readProvoked(t) {
		fmt.Fprintf(&table, "| %s |\n", strings.Join(p.cells(), " | "))
		require.Contains(t, shipped, p.rule)
		require.NotEmpty(t, p.how, p.trouble)
		require.NotEmpty(t, p.profile, p.trouble)
		require.NotEmpty(t, p.annotation, p.trouble)
		require.Positive(t, p.predicted, p.trouble)
		require.LessOrEqual(t, p.predicted, p.horizon(), "the line itself passed the limit within the horizon")
		require.True(t, p.passed.IsZero() || p.lead() > 0, "%s: it fired before the limit was passed", p.trouble)
	}
	raw, err := os.ReadFile(rulesDoc)
	require.NoError(t, err)
	want := withTable(string(raw), "lead times", table.String())
	if *update {
		require.NoError(t, os.WriteFile(rulesDoc, []byte(want), 0o644))
	}
	require.Equal(t, want, string(raw), "run go test ./alerts/backtest -run LeadTimes -update")
}
