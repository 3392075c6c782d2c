// Package release_test holds what a release promises: its image is the one that the chart and the
// manifests name, and its files install as their first lines say.
package release_test

import (
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

type workflow struct {
	Permissions map[string]string
	Jobs        map[string]struct {
		Needs       string
		Permissions map[string]string
		Steps       []struct {
			ID, Name, Uses, Run string
			With                map[string]any
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../..", path))
	require.NoError(t, err)
	return string(text)
}

func releases(t *testing.T) workflow {
	t.Helper()
	var w workflow
	require.NoError(t, yaml.Unmarshal([]byte(read(t, ".github/workflows/release.yml")), &w))
	return w
}

// The tag v0.1.0 pushes the image 0.1.0, which is what every manifest pulls.
func TestTheImageOfAReleaseIsTheOneThatIsInstalled(t *testing.T) {
	version := regexp.MustCompile(`(?m)^appVersion: (\S+)$`).FindStringSubmatch(read(t, "deploy/helm/flink-sidecar/Chart.yaml"))[1]
	repository := regexp.MustCompile(`repository: (ghcr\S+)`).FindStringSubmatch(read(t, "deploy/helm/flink-sidecar/values.yaml"))[1]
	require.Equal(t, repository+":"+version, pushed(t, "v"+version))

	installed := regexp.MustCompile(`(?:newName: ` + repository + `, newTag: |image: ` + repository + `:)([^\s}]+)`)
	files, err := filepath.Glob("../kubernetes/*/*.yaml")
	require.NoError(t, err)
	found := 0
	for _, file := range files {
		for _, image := range installed.FindAllStringSubmatch(read(t, filepath.Join("deploy/release", file)), -1) {
			require.Equal(t, version, image[1], file)
			found++
		}
	}
	require.Equal(t, 4, found)
}

// pushed is the name of the image that the workflow pushes for a tag. Its steps are run as GitHub does.
func pushed(t *testing.T, tag string) string {
	t.Helper()
	set := filepath.Join(t.TempDir(), "env")
	image := ""
	for _, step := range releases(t).Jobs["image"].Steps {
		if step.Run != "" {
			run := exec.CommandContext(t.Context(), "bash", "-euc", step.Run)
			run.Dir = "../.."
			run.Env = append(withDocker(t, inspected), "GITHUB_ENV="+set, "GITHUB_REF_NAME="+tag)
			out, err := run.CombinedOutput()
			require.NoError(t, err, string(out))
		}
		if tags, ok := step.With["tags"].(string); ok {
			image = tags
		}
	}
	text, err := os.ReadFile(set)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
		image = strings.ReplaceAll(image, "${{ env."+name+" }}", value)
	}
	return image
}

// needed are the rights that an action or a command of a job asks for, beside reading.
var needed = map[string]map[string]string{
	"goreleaser/goreleaser-action":    {"contents": "write"},
	"docker/build-push-action":        {"packages": "write", "contents": "read"},
	"actions/attest-build-provenance": {"id-token": "write", "attestations": "write"},
}

// A job may do what its steps need, and nothing else: a stolen token of one is not one of the other.
func TestTheWorkflowMayDoWhatItDoes(t *testing.T) {
	w := releases(t)
	require.Equal(t, "release", w.Jobs["image"].Needs, "no image without a release")
	require.Empty(t, w.Permissions, "each job has its own")
	for name, job := range w.Jobs {
		want := map[string]string{}
		for _, step := range job.Steps {
			action, _, _ := strings.Cut(step.Uses, "@")
			maps.Copy(want, needed[action])
		}
		require.Equal(t, want, job.Permissions, name)
	}
}

// The attestation is about the image that was pushed.
func TestTheImageOfAReleaseHasAnAttestation(t *testing.T) {
	pushes := ""
	for _, step := range releases(t).Jobs["image"].Steps {
		switch action, _, _ := strings.Cut(step.Uses, "@"); action {
		case "docker/build-push-action":
			pushes = step.ID
			require.Contains(t, step.With["tags"], "ghcr.io/flink-sidecar/flink-sidecar:")
		case "actions/attest-build-provenance":
			require.NotEmpty(t, pushes, "the image is there before")
			require.Equal(t, map[string]any{
				"subject-name": "ghcr.io/flink-sidecar/flink-sidecar", "push-to-registry": true,
				"subject-digest": "${{ steps." + pushes + ".outputs.digest }}",
			}, step.With)
			return
		}
	}
	t.Fatal("no attestation")
}

// The archive of the chart is in a release, twice the same, without what is for tests only.
func TestTheChartOfARelease(t *testing.T) {
	pack := func(tag string) (string, error) {
		dir := t.TempDir()
		run := exec.CommandContext(t.Context(), "./chart", dir)
		run.Env = append(os.Environ(), "GITHUB_REF_NAME="+tag, "SOURCE_DATE_EPOCH=1700000000")
		out, err := run.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%w: %s", err, out)
		}
		return filepath.Join(dir, "flink-sidecar-0.1.0.tgz"), err
	}
	first, err := pack("v0.1.0")
	require.NoError(t, err)
	again, err := pack("")
	require.NoError(t, err)
	a, err := os.ReadFile(first)
	require.NoError(t, err)
	b, err := os.ReadFile(again)
	require.NoError(t, err)
	require.Equal(t, a, b)

	list, err := exec.CommandContext(t.Context(), "tar", "--list", "--verbose", "--file", first).Output()
	require.NoError(t, err)
	require.NotContains(t, string(list), "/ci/")
	require.NotContains(t, string(list), "/unittests/")
	require.NotContains(t, string(list), "->", "helm takes no link out of the chart")
	require.Equal(t, 5, strings.Count(string(list), ".json\n")-1, "the dashboards; the other one is the schema of values")

	_, err = pack("v0.2.0")
	require.ErrorContains(t, err, "is not of version 0.2.0")

	var releaser struct {
		Release, Checksum struct {
			ExtraFiles []struct{ Glob string } `yaml:"extra_files"`
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(read(t, ".goreleaser.yaml")), &releaser))
	require.Len(t, releaser.Release.ExtraFiles, 2)
	require.Equal(t, releaser.Release, releaser.Checksum)
}

// With DynamicUser, the service reads its configuration as anybody.
func TestTheServiceCanReadItsConfiguration(t *testing.T) {
	unit := read(t, "deploy/systemd/flink-sidecar.service")
	require.Contains(t, unit, "\nDynamicUser=yes\n")
	root := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(root, "etc"), 0o755))
	for _, name := range []string{"sidecar.yml", "kafka-password"} {
		require.NoError(t, os.WriteFile(filepath.Join(root, name), nil, 0o600))
	}
	for _, line := range regexp.MustCompile(`(?m)^#   (install .* )(/etc/flink-sidecar\S*)$`).FindAllStringSubmatch(unit, -1) {
		run := exec.CommandContext(t.Context(), "sh", "-euc", "umask 077; "+line[1]+root+line[2])
		run.Dir = root
		out, err := run.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	for path, want := range map[string]os.FileMode{
		"etc/flink-sidecar": 0o755, "etc/flink-sidecar/sidecar.yml": 0o644,
		"etc/flink-sidecar/secrets": 0o700, "etc/flink-sidecar/secrets/kafka-password": 0o600,
	} {
		info, err := os.Stat(filepath.Join(root, path))
		require.NoError(t, err)
		require.Equal(t, want, info.Mode().Perm(), path)
	}
	require.Contains(t, unit, "\n#LoadCredential=secrets:/etc/flink-sidecar/secrets\n")
	require.Contains(t, unit, "/run/credentials/flink-sidecar.service/secrets_kafka-password\n")
}

// Each check of what is installed runs in a workflow that a change of the sidecar starts.
func TestEveryCheckIsInAWorkflow(t *testing.T) {
	text := read(t, ".github/workflows/manifests.yml")
	var w workflow
	require.NoError(t, yaml.Unmarshal([]byte(text), &w))
	done := ""
	for _, job := range w.Jobs {
		for _, step := range job.Steps {
			done += step.Run + "\n"
		}
	}
	for _, command := range []string{
		"make manifests", "make image-check", "make container-check BUILD=1 COMPLETE=1", "make reproducible",
		"make release-check", "make takeovers", "make soak",
	} {
		require.Contains(t, done, command)
	}
	require.Contains(t, read(t, ".github/workflows/soak.yml"), "run: make soak-hour ")
	for _, path := range []string{`"**.go"`, `"deploy/**"`, `".goreleaser.yaml"`} {
		require.Contains(t, text, path)
	}
}

// The lines that the nightly evaluation shows as comments fit its configuration.
func TestTheNightTellsWhoIsNamed(t *testing.T) {
	dir := t.TempDir()
	text := read(t, "deploy/kubernetes/evaluate/config.yml")
	shown := regexp.MustCompile(`(?m)^# ((?:notify|grafana|web|  client|    basic_auth):)`).ReplaceAllString(text, "$1")
	for name, content := range map[string]string{
		"sidecar.yml": shown, "prompt.tmpl": read(t, "deploy/kubernetes/evaluate/prompt.tmpl"),
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	cfg, err := config.Load(filepath.Join(dir, "sidecar.yml"), config.Overrides{})
	require.NoError(t, err)
	require.NotEmpty(t, cfg.Notify.Alertmanager.URLs)
	require.NotEmpty(t, cfg.Grafana.TokenFile)
	require.NotEmpty(t, cfg.Web.Client.BasicAuth.Username)
	require.Contains(t, read(t, "deploy/kubernetes/evaluate/cronjob.yaml"), "# - --sidecar.url=http://flink-sidecar:8642\n")
}
