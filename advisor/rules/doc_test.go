package rules

import (
	"flag"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
)

var update = flag.Bool("update", false, "write the tables of docs/advice.md")

// page is what users read about the rules.
const page = "../../docs/advice.md"

// TestTheTableOfRules holds the table of docs/advice.md against the rules.
func TestTheTableOfRules(t *testing.T) {
	before := documenttest.Hold(t, page, "rules", rulesTable(), *update)
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
