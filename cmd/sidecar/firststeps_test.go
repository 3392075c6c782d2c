package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func firstSteps(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../docs/first-steps.md")
	require.NoError(t, err)
	return string(text)
}

// The file for ten minutes of trends is one that check config accepts, and its windows are
// as short as the text says.
func TestFirstStepsConfigurationIsValid(t *testing.T) {
	t.Parallel()
	_, after, found := strings.Cut(firstSteps(t), "Write this file as `trends.yml`")
	require.True(t, found)
	_, after, found = strings.Cut(after, "```yaml\n")
	require.True(t, found)
	text, _, found := strings.Cut(after, "   ```")
	require.True(t, found)
	file := filepath.Join(t.TempDir(), "trends.yml")
	require.NoError(t, os.WriteFile(file, []byte(strings.ReplaceAll("\n"+text, "\n   ", "\n")), 0o600))
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), []string{"check", "config", file}, &stdout, &stderr), stdout.String())
	require.Contains(t, stdout.String(), "ok: 1 Flink cluster")
	for _, value := range []string{"window: 3m", "for: 20s", "settle: 0s", "min_samples: 8", "name: checkpoint-size"} {
		require.Contains(t, text, value)
	}
}

// Each command of the page exists, with the flags that the page gives it.
func TestFirstStepsCommandsExist(t *testing.T) {
	t.Parallel()
	commands := regexp.MustCompile(`(?m)^ *bin/sidecar ([a-z]+(?: (?:config|list|show|take))?)([^#\n]*)`).
		FindAllStringSubmatch(firstSteps(t), -1)
	require.GreaterOrEqual(t, len(commands), 7)
	for _, command := range commands {
		var stdout, stderr output
		args := append(strings.Fields(command[1]), "--help")
		require.Equal(t, exitFine, run(t.Context(), args, &stdout, &stderr), command[0])
		for _, flag := range regexp.MustCompile(`--[a-z.-]+`).FindAllString(command[2], -1) {
			requireFlag(t, stdout.String(), flag, command[0])
		}
	}
}
