package compose_test

import (
	"flag"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

var update = flag.Bool("update", false, "write the rules anew")

// The alerts are those of the mixin but for the trends, which the sidecar reports itself here.
func TestTheAlertsAreThoseOfTheMixin(t *testing.T) {
	text, err := os.ReadFile("../mixin/alerts/alerts.yml")
	require.NoError(t, err)
	var all struct {
		Groups []yaml.Node
	}
	require.NoError(t, yaml.Unmarshal(text, &all))
	var kept []yaml.Node
	for _, group := range all.Groups {
		var named struct{ Name string }
		require.NoError(t, group.Decode(&named))
		if named.Name != "flink-sidecar.trends" {
			kept = append(kept, group)
		}
	}
	require.Len(t, kept, len(all.Groups)-1)
	want, err := yaml.Marshal(map[string]any{"groups": kept})
	require.NoError(t, err)
	head := "# Written by: go test ./deploy/compose -update\n" +
		"# The trends are evaluated by the sidecar itself here (alerts.delivery: push).\n"
	const file = "prometheus/rules.yml"
	if *update {
		require.NoError(t, os.WriteFile(file, append([]byte(head), want...), 0o600))
	}
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, head+string(want), string(got), "run: go test ./deploy/compose -update")
}
