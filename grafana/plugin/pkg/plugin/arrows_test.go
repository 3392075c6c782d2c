package plugin

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestArrows: the plugin knows the sidecar by its API and the vocabulary, as any client does.
func TestArrows(t *testing.T) {
	const ours = "github.com/flink-sidecar/flink-sidecar/"
	allowed := []string{"internal/api", "internal/episode", "internal/flame", "internal/outcome", "internal/scalerun"}
	out, err := exec.CommandContext(t.Context(), "go", "list", "-f", `{{join .Imports "\n"}}`, ours+"grafana/plugin/...").Output()
	require.NoError(t, err)
	for path := range strings.FieldsSeq(string(out)) {
		if rest, found := strings.CutPrefix(path, ours); found && !strings.HasPrefix(rest, "grafana/plugin/") {
			require.Contains(t, allowed, rest)
		}
	}
}
