package release_test

import (
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The binaries, the plugin and the image are built by the same Go, with the same repairs of it.
func TestOneVersionOfGoBuildsARelease(t *testing.T) {
	for _, dockerfile := range []string{
		"deploy/docker/Dockerfile", "deploy/compose/sample/Dockerfile", "deploy/compose/grafana/Dockerfile",
	} {
		image := regexp.MustCompile(`(?m)^(?:ARG GO_IMAGE=|FROM )golang:([0-9.]+)-`).FindStringSubmatch(read(t, dockerfile))
		require.NotNil(t, image, dockerfile)
		for _, module := range []string{"go.mod", "grafana/plugin/go.mod"} {
			require.Contains(t, read(t, module), "\ntoolchain go"+image[1]+"\n", "%s, %s", dockerfile, module)
		}
	}
	var files []any
	for _, step := range releases(t).Jobs["release"].Steps {
		if strings.HasPrefix(step.Uses, "actions/setup-go@") {
			files = append(files, step.With["go-version-file"])
		}
	}
	require.Equal(t, []any{"go.mod"}, files)
}

// Nothing is published before what it has was tested.
func TestAReleaseIsTestedBefore(t *testing.T) {
	var before []string
	for _, step := range releases(t).Jobs["release"].Steps {
		if strings.HasPrefix(step.Uses, "goreleaser/") {
			break
		}
		before = append(before, step.Run)
	}
	for _, command := range []string{"go test ./...", "make reproducible", "make manifests", "make plugin-test"} {
		require.Contains(t, before, command)
	}
	require.Less(t, slices.Index(before, "make plugin-test"), slices.Index(before, "make plugin"))
}

// A tag of an action can be moved to other code, a commit can't. One version of each action is used.
func TestActionsArePinned(t *testing.T) {
	files, err := filepath.Glob("../../.github/workflows/*.yml")
	require.NoError(t, err)
	pinned := regexp.MustCompile(`^([\w.-]+/[\w./-]+)@([0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
	pins := map[string]string{}
	for _, file := range files {
		text := read(t, filepath.Join("deploy/release", file))
		for _, found := range regexp.MustCompile(`(?m)^\s*(?:- )?uses: (.*)$`).FindAllStringSubmatch(text, -1) {
			pin := pinned.FindStringSubmatch(found[1])
			require.NotNil(t, pin, "%s: %s", file, found[1])
			require.Contains(t, []string{"", pin[2]}, pins[pin[1]], "%s: %s", file, pin[1])
			pins[pin[1]] = pin[2]
		}
		require.Contains(t, text, "\npermissions:", "%s: the token of a workflow without permissions may write", file)
	}
	require.GreaterOrEqual(t, len(pins), 10)
}

// What .gitignore leaves out, because it is built or private, is in no build of an image either.
func TestTheContextOfTheImageHasNothingThatGitIgnores(t *testing.T) {
	ignored := strings.Fields(read(t, ".dockerignore"))
	require.Contains(t, ignored, ".git")
	for file, below := range map[string]string{".gitignore": "", "grafana/plugin/.gitignore": "grafana/plugin"} {
		for line := range strings.Lines(read(t, file)) {
			if pattern := strings.Trim(line, "\n "); pattern != "" && !strings.HasPrefix(pattern, "#") {
				require.Contains(t, ignored, inContext(pattern, below), "%s: %s", file, pattern)
			}
		}
	}
}

// inContext is a pattern of a .gitignore in a directory as .dockerignore has it: a pattern without a
// slash counts at every depth for git, and at the first one only for Docker.
func inContext(pattern, below string) string {
	name := strings.TrimSuffix(pattern, "/")
	if !strings.Contains(name, "/") {
		name = "**/" + name
	}
	return path.Join(below, strings.TrimPrefix(name, "/"))
}

// The catalog of Grafana shows the changelog of the plugin: its newest part has the version.
func TestThePluginOfAReleaseHasItsVersion(t *testing.T) {
	for version, want := range map[string]string{"v1.2.3": "1.2.3", "1.2.3-4-gabcdef": "1.2.3", "abcdef": "0.0.0"} {
		dir := t.TempDir()
		for name, source := range map[string]string{"plugin.json": "src/plugin.json", "CHANGELOG.md": "CHANGELOG.md"} {
			text := read(t, filepath.Join("grafana/plugin", source))
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
		}
		said, err := exec.CommandContext(t.Context(), "../../grafana/plugin/stamp", version, dir).Output()
		require.NoError(t, err)
		require.Equal(t, want+"\n", string(said))
		changes, err := os.ReadFile(filepath.Join(dir, "CHANGELOG.md"))
		require.NoError(t, err)
		require.Contains(t, string(changes), "\n## "+want+"\n")
		require.NotContains(t, string(changes), "Unreleased")
		manifest, err := os.ReadFile(filepath.Join(dir, "plugin.json"))
		require.NoError(t, err)
		require.Contains(t, string(manifest), `"version": "`+want+`"`)
	}
	require.Contains(t, read(t, "grafana/plugin/build.sh"), `$(./stamp "$version" dist)`)
}

// The start of a process is a time since the boot, which /proc/stat has: ProcSubset=pid hides that file.
func TestTheServiceKnowsWhenItStarted(t *testing.T) {
	require.NotRegexp(t, `(?m)^ProcSubset=`, read(t, "deploy/systemd/flink-sidecar.service"))
}
