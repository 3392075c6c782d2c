package rules

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write the table of rules into docs/advice.md")

// page is what users read about the rules.
const page = "../../docs/advice.md"

// TestTheTableOfRules holds the table of docs/advice.md against the rules.
func TestTheTableOfRules(t *testing.T) {
	raw, err := os.ReadFile(page)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(raw), "<!-- rules -->\n")
	require.True(t, found, "the mark where the table begins")
	table, after, found := strings.Cut(rest, "<!-- end of rules -->")
	require.True(t, found, "the mark where the table ends")
	if *update {
		text := before + "<!-- rules -->\n" + rulesTable() + "<!-- end of rules -->" + after
		require.NoError(t, os.WriteFile(page, []byte(text), 0o600))
		return
	}
	require.Equal(t, rulesTable(), table, "run: go test ./advisor/rules -run TableOfRules -update")
	require.Contains(t, before, fmt.Sprintf("There are %d rules.", len(All())-1), "sink-at-work reports nothing itself")
}

func rulesTable() string {
	var b strings.Builder
	b.WriteString("| rule | category | a change removes | tried on | documentation |\n|---|---|---|---|---|\n")
	for _, r := range All() {
		if r.Judge == nil {
			continue
		}
		removes, tried := "no bound", "recorded profiles"
		if r.Removable.High > 0 {
			removes = fmt.Sprintf("%.0f to %.0f %%", 100*r.Removable.Low, 100*r.Removable.High)
		}
		if r.Unrecorded {
			tried = "made-up evidence: at most 50 % sure"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | [link](%s) |\n", r.Name, r.Category, removes, tried, r.Reference)
	}
	return b.String()
}
