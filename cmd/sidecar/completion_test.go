package main

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// What a release has beside the binary comes from the binary.
func TestManualPageAndCompletions(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"--help-man":               ".TH sidecar 1",
		"--completion-script-bash": "complete -F _sidecar_bash_autocomplete",
		"--completion-script-zsh":  "#compdef sidecar",
	} {
		var stdout, stderr output
		require.Equal(t, exitFine, run(t.Context(), []string{arg}, &stdout, &stderr), arg)
		require.Contains(t, stdout.String(), want)
		require.Empty(t, stderr.String())
		if arg == "--completion-script-bash" {
			check := exec.CommandContext(t.Context(), "bash", "-n")
			check.Stdin = strings.NewReader(stdout.String())
			out, err := check.CombinedOutput()
			require.NoError(t, err, string(out))
		}
	}
}
