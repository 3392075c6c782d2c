package rules

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
)

var update = flag.Bool("update", false, "write the tables of docs/advice.md")

// page is what users read about the rules.
const page = "../../docs/advice.md"

// TestTheTableOfRules holds the table of docs/advice.md against the rules.
func TestTheTableOfRules(t *testing.T) {
	before := holdTable(t, "rules", rulesTable())
	require.Contains(t, before, fmt.Sprintf("There are %d rules.", len(All())-1), "sink-at-work reports nothing itself")
}

// holdTable compares a table with the page, between <!-- NAME --> and <!-- end of NAME -->, or
// writes it there. It returns the page before the table.
func holdTable(t *testing.T, name, table string) string {
	t.Helper()
	raw, err := os.ReadFile(page)
	require.NoError(t, err)
	mark, end := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, found := strings.Cut(string(raw), mark)
	require.True(t, found, "the mark where the table of %s begins", name)
	old, after, found := strings.Cut(rest, end)
	require.True(t, found, "the mark where the table of %s ends", name)
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(before+mark+table+end+after), 0o600))
		return before
	}
	require.Equal(t, table, old, "run: go test ./advisor/rules -run TableOf -update")
	return before
}

func rulesTable() string {
	var b strings.Builder
	b.WriteString("| rule | category | a change removes | tried on | documentation |\n|---|---|---|---|---|\n")
	for _, r := range All() {
		if r.Judge == nil {
			continue
		}
		removes, tried := "no bound", "recorded profiles"
		if r.RestsOn != (cause.Ground{}) {
			removes = fmt.Sprintf("%s, %s", promise(r.Removable), r.RestsOn.Kind)
		}
		for _, p := range r.Parts {
			if p.RestsOn != (cause.Ground{}) {
				removes += fmt.Sprintf("; %s: %s, %s", p.What, promise(p.Removable), p.RestsOn.Kind)
			}
		}
		if r.Unrecorded {
			tried = "made-up evidence: at most 50 % sure"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | [link](%s) |\n", r.Name, r.Category, removes, tried, r.Reference)
	}
	return b.String()
}

func promise(part cause.Span) string {
	return fmt.Sprintf("%.0f to %.0f %%", 100*part.Low, 100*part.High)
}
