package promrules

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
)

// ofARule matches the description of a panel that draws the limit of a rule as a line.
var ofARule = regexp.MustCompile(`line is the limit of the rule ([a-z0-9-]+)`)

// TestLinesOfDashboards: the line is where the shipped rule has its limit.
func TestLinesOfDashboards(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../grafana/dashboards/*.json")
	require.NoError(t, err)
	rules, lines := alerts.DefaultConfig().EffectiveRules(), 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var board struct {
			Panels []struct {
				Title, Description string
				FieldConfig        struct {
					Defaults struct {
						Thresholds struct{ Steps []struct{ Value float64 } }
					}
				}
			}
		}
		require.NoError(t, json.Unmarshal(text, &board), file)
		for _, p := range board.Panels {
			named := ofARule.FindStringSubmatch(p.Description)
			if named == nil {
				continue
			}
			lines++
			at := slices.IndexFunc(rules, func(r alerts.Rule) bool { return r.Name == named[1] })
			require.GreaterOrEqual(t, at, 0, "%s: there is no rule %s", p.Title, named[1])
			limit := rules[at].FractionOfMax
			if rules[at].Threshold != nil {
				limit = *rules[at].Threshold
			}
			steps := p.FieldConfig.Defaults.Thresholds.Steps
			require.InDelta(t, limit, steps[len(steps)-1].Value, 1e-9, p.Title)
		}
	}
	require.GreaterOrEqual(t, lines, 9)
}
