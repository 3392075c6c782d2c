package alerts

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

var update = flag.Bool("update", false, "rewrite the tables of docs/rules.md")

// TestDocHasTheTables compares docs/rules.md with the table of signals and shipped.yml.
func TestDocHasTheTables(t *testing.T) {
	const path = "../docs/rules.md"
	raw, err := os.ReadFile(path)
	require.NoError(t, err)
	want := section(section(string(raw), "signals", signalTable()), "rules", ruleTable())
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o644))
	}
	require.Equal(t, want, string(raw), "run go test ./alerts -run Doc -update")
}

// TestDocHasTheNumbers recounts the numbers in docs/rules.md.
func TestDocHasTheNumbers(t *testing.T) {
	text := documenttest.Text(t, "../docs/rules.md")
	require.Contains(t, text, fmt.Sprintf("one of the last %d days", seasonDays))
	require.Contains(t, text, fmt.Sprintf("in %d simulated days", quietDays))
	for _, state := range []string{Unseen, Unmatched, Waiting} {
		require.Contains(t, text, "| `"+state+"` |")
	}
	require.Contains(t, text, fmt.Sprintf("higher by at most %.0f %% of what was left", 100*seasonMargin))
	latency, known := signal.Lookup("probe-latency")
	require.True(t, known)
	require.Contains(t, text, fmt.Sprintf("fewer than %.0f records in %.0f min", 1/(1-latency.Quantile),
		latency.Over.Minutes()))
	require.Less(t, latency.Over, time.Duration(DefaultConfig().For), "one slow record alone does not fire")
}

func section(text, name, table string) string {
	between := regexp.MustCompile(`(?s)(<!-- ` + name + `: [^>]*-->\n).*?(<!-- end -->)`)
	return between.ReplaceAllString(text, "${1}\n"+strings.ReplaceAll(table, "$", "$$")+"\n${2}")
}

func signalTable() string {
	var out strings.Builder
	out.WriteString("| signal | unit | of a | scope | saw-tooth | maximum | from |\n|---|---|---|---|---|---|---|\n")
	for _, row := range signal.Table() {
		saw, most := "", ""
		if row.SawTooth {
			saw = "yes"
		}
		if row.Max != "" {
			most = "yes"
		}
		from := "`" + row.Metric + "`"
		for label, value := range row.Select {
			from = fmt.Sprintf("`%s{%s=\"%s\"}`", row.Metric, label, value)
		}
		needs := ""
		if row.Needs != "" {
			needs = "; needs " + row.Needs
		}
		fmt.Fprintf(&out, "| `%s` | %s | %s | %s | %s | %s | %s: %s%s |\n",
			row.Name, row.Unit, row.Subject, row.Scope, saw, most, from, row.From, needs)
	}
	return out.String()
}

func ruleTable() string {
	var out strings.Builder
	out.WriteString("| rule | signal | limit | severity | predicts | on |\n|---|---|---|---|---|---|\n")
	for _, r := range shippedConfigs() {
		limit := r.Threshold
		if r.FractionOfMax > 0 {
			limit = fmt.Sprintf("%g × maximum", r.FractionOfMax)
		}
		if r.MultipleOfMedian > 0 {
			limit = fmt.Sprintf("%g × median of the epoch", r.MultipleOfMedian)
		}
		if r.Direction == directionBelow {
			limit = "below " + limit
		}
		if r.For != nil {
			limit += " for " + r.For.String()
		}
		predicts, on := "yes", "yes"
		if r.Predict != nil {
			predicts = "no"
		}
		if r.Disabled != nil {
			on = "no"
		}
		fmt.Fprintf(&out, "| `%s` | `%s` | %s | %s | %s | %s |\n", r.Name, r.Signal, limit,
			cmp.Or(r.Severity, Warning), predicts, on)
	}
	return out.String()
}
