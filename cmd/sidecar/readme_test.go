package main

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/rules"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

func readme(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	return string(text)
}

// TestReadmeConfigurationIsValid checks the configuration of the README as a user would,
// and that it has the ten lines that its heading promises.
func TestReadmeConfigurationIsValid(t *testing.T) {
	t.Parallel()
	_, after, found := strings.Cut(readme(t), "## Configuration in ten lines\n\n```yaml\n")
	require.True(t, found)
	config, _, found := strings.Cut(after, "```")
	require.True(t, found)
	require.Equal(t, 10, strings.Count(config, "\n"))
	file := filepath.Join(t.TempDir(), "sidecar.yml")
	require.NoError(t, os.WriteFile(file, []byte(config), 0o600))
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), []string{"check", "config", file}, &stdout, &stderr), stderr.String())
}

// TestReadmeCommandsExist asks each command of the README for its help, with the flags
// that the README gives it.
func TestReadmeCommandsExist(t *testing.T) {
	t.Parallel()
	commands := regexp.MustCompile(`(?m)^bin/sidecar ([a-z]+(?: [a-z]+)?)((?: --[^ #]+)*)`).
		FindAllStringSubmatch(readme(t), -1)
	require.GreaterOrEqual(t, len(commands), 8)
	for _, command := range commands {
		var stdout, stderr output
		args := append(strings.Fields(command[1]), "--help")
		require.Equal(t, exitFine, run(t.Context(), args, &stdout, &stderr), command[0])
		for _, flag := range regexp.MustCompile(`--[a-z.-]+`).FindAllString(command[2], -1) {
			requireFlag(t, stdout.String(), flag, command[0])
		}
	}
}

// requireFlag checks that the help of a command has a flag. A switch has the form
// --[no-]name there.
func requireFlag(t *testing.T, help, flag, command string) {
	t.Helper()
	name := regexp.QuoteMeta(strings.TrimPrefix(flag, "--"))
	require.Regexp(t, `--(\[no-\])?`+name, help, command)
}

// TestReadmeQuickStart follows the quick start: in one directory, the sidecar runs with
// nothing but Flink's address, and the other commands have no flags at all.
func TestReadmeQuickStart(t *testing.T) {
	t.Chdir(t.TempDir())
	flink := flinktest.New(t, flinktest.Flink23)
	sidecar := startSidecarOn(t, history.DefaultConfig().Path, "--flink.url="+flink.URL)
	require.Eventually(t, func() bool {
		_, page := sidecar.get(t, "/metrics")
		return strings.Contains(page, "\nflink_job_up")
	}, 10*time.Second, 20*time.Millisecond)
	command := func(args ...string) string {
		var stdout, stderr output
		require.Equal(t, exitFine, run(t.Context(), args, &stdout, &stderr), stderr.String())
		return stdout.String()
	}
	require.NotEmpty(t, command("advise"))
	require.Contains(t, command("history", "list"), "  cli  ")
}

func TestReadmeCountsAreTrue(t *testing.T) {
	t.Parallel()
	text := readme(t)
	require.Contains(t, text, fmt.Sprintf("findings of %d advice rules", len(rules.All())-1), "one only counts for others")
	for _, version := range []string{flinktest.Flink23, flinktest.Flink120} {
		require.Contains(t, text, version)
	}
}
