package plugin

import (
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheWorkflowSeesEveryChange: a package of the sidecar that the plugin or its tests are built from
// is below a path that starts the workflow, and so are the versions of all other packages.
func TestTheWorkflowSeesEveryChange(t *testing.T) {
	text, err := os.ReadFile("../../../../.github/workflows/plugin.yml")
	require.NoError(t, err)
	listed := regexp.MustCompile(`(?m)^    paths: &paths \[(.*)\]$`).FindStringSubmatch(string(text))
	require.NotNil(t, listed)
	require.Contains(t, string(text), "\n    paths: *paths\n", "the same for pull requests")
	paths := strings.Split(listed[1], ", ")
	require.Subset(t, paths, []string{"go.mod", "go.sum"})

	const ours = "github.com/flink-sidecar/flink-sidecar/"
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "-test", ours+"grafana/plugin/...").Output()
	require.NoError(t, err)
	for line := range strings.Lines(string(out)) {
		if name, is := strings.CutPrefix(strings.Fields(line)[0], ours); is {
			require.True(t, slices.ContainsFunc(paths, func(path string) bool {
				return strings.HasPrefix(name+"/", strings.TrimSuffix(path, "**"))
			}), name)
		}
	}
}
