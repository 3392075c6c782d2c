// Package compose_test holds the compose file true without a container engine: every file that
// it names is there, its configurations fit together, and check config accepts the sidecar's.
package compose_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

type service struct {
	Build *struct {
		Context, Dockerfile string
		Args                map[string]string
	}
	Image     string
	Ports     []string
	Volumes   []string
	Secrets   []string
	DependsOn map[string]any `yaml:"depends_on"`
}

type file struct {
	Services map[string]service
	Volumes  map[string]any
	Secrets  map[string]struct{ File string }
}

func read(t *testing.T) file {
	t.Helper()
	text, err := os.ReadFile("compose.yml")
	require.NoError(t, err)
	var f file
	require.NoError(t, yaml.Unmarshal(text, &f))
	return f
}

func TestEveryNamedFileExists(t *testing.T) {
	f := read(t)
	require.Len(t, f.Services, 9)
	for name, s := range f.Services {
		require.NotEmpty(t, s.Image, name)
		if s.Build != nil {
			require.FileExists(t, filepath.Join(s.Build.Context, s.Build.Dockerfile), name)
			copied(t, filepath.Join(s.Build.Context, s.Build.Dockerfile), s.Build.Context)
		}
		for _, volume := range s.Volumes {
			source, _, _ := strings.Cut(volume, ":")
			if strings.HasPrefix(source, ".") {
				_, err := os.Stat(source)
				require.NoError(t, err, name)
				continue
			}
			require.Contains(t, f.Volumes, source, name)
		}
		for _, secret := range s.Secrets {
			require.FileExists(t, f.Secrets[secret].File, name)
		}
		for other := range s.DependsOn {
			require.Contains(t, f.Services, other, name)
		}
		for _, port := range s.Ports {
			require.True(t, strings.HasPrefix(port, "127.0.0.1:"), "%s publishes %s beyond this machine", name, port)
		}
	}
}

// copied checks that what a Dockerfile copies from its context is there.
func copied(t *testing.T, dockerfile, context string) {
	t.Helper()
	text, err := os.ReadFile(dockerfile)
	require.NoError(t, err)
	for _, line := range regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(string(text), -1) {
		for source := range strings.FieldsSeq(line[1]) {
			_, err := os.Stat(filepath.Join(context, source))
			require.NoError(t, err, dockerfile)
		}
	}
}

// Every host that a configuration names is a service.
func TestTheConfigurationsFitTogether(t *testing.T) {
	f := read(t)
	cfg, err := config.Load("sidecar/config.yml", config.Overrides{})
	require.NoError(t, err)
	require.NotNil(t, cfg.Probe)
	host := regexp.MustCompile(`(?:https?://|["\[])([a-z]+):\d+`)
	for _, name := range []string{
		"sidecar/config.yml", "prometheus/prometheus.yml", "alertmanager/alertmanager.yml", "grafana/datasources.yml",
		"compose.yml",
	} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		var any map[string]any
		require.NoError(t, yaml.Unmarshal(text, &any), name)
		for _, found := range host.FindAllStringSubmatch(string(text), -1) {
			if found[1] != "localhost" {
				require.Contains(t, f.Services, found[1], name)
			}
		}
	}
	secret := regexp.MustCompile(`/run/secrets/([a-z-]+)`)
	for service, name := range map[string]string{"sidecar": "sidecar/config.yml", "alertmanager": "alertmanager/alertmanager.yml"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		for _, found := range secret.FindAllStringSubmatch(string(text), -1) {
			require.Contains(t, f.Services[service].Secrets, found[1], name)
		}
	}
}

// What the further files add exists, or is built by the command that they name.
func TestTheFurtherFiles(t *testing.T) {
	mounted := regexp.MustCompile(`(?m)(?:- |\[")(\./[a-z/.-]+):`)
	for _, name := range []string{"compose.plugin.yml", "compose.pyroscope.yml"} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		found := mounted.FindAllStringSubmatch(string(text), -1)
		require.NotEmpty(t, found, name)
		for _, m := range found {
			require.FileExists(t, m[1], name)
		}
		require.Contains(t, string(text), "-f deploy/compose/"+name+" up --build\n")
	}
	copied(t, "grafana/Dockerfile", "../..")
	built, err := os.ReadFile("grafana/Dockerfile")
	require.NoError(t, err)
	// As make plugin does, but for one platform, which makes no zip.
	for _, command := range []string{"npm ci ", "ZIP=no PLATFORMS=linux/${TARGETARCH} grafana/plugin/build.sh "} {
		require.Contains(t, string(built), command)
	}
	script, err := os.ReadFile("../../grafana/plugin/build.sh")
	require.NoError(t, err)
	require.Regexp(t, `(?s)ZIP:-yes.* = no .*exit.*go run \.\./zip`, string(script))
	manifest, err := os.ReadFile("../../grafana/plugin/src/plugin.json")
	require.NoError(t, err)
	plugin := regexp.MustCompile(`"id": "([a-z-]+)"`).FindStringSubmatch(string(manifest))[1]
	for name, times := range map[string]int{"compose.plugin.yml": 1, "grafana/Dockerfile": 1, "grafana/history.yml": 1} {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		require.Equal(t, times, strings.Count(string(text), plugin), name)
	}
}

// The sidecar with a Pyroscope differs by that only.
func TestTheSidecarWithPyroscope(t *testing.T) {
	without, err := config.Load("sidecar/config.yml", config.Overrides{})
	require.NoError(t, err)
	with, err := config.Load("sidecar/pyroscope.yml", config.Overrides{})
	require.NoError(t, err)
	require.NotNil(t, with.Profiling.Pyroscope)
	with.Profiling.Pyroscope = nil
	require.Equal(t, without, with)
}

// Each dashboard is below the path that the provider names, and asks for the data source that
// the other file makes.
func TestGrafanaFindsItsDashboards(t *testing.T) {
	text, err := os.ReadFile("grafana/dashboards.yml")
	require.NoError(t, err)
	var provider struct {
		Providers []struct{ Options struct{ Path string } }
	}
	require.NoError(t, yaml.Unmarshal(text, &provider))
	require.Contains(t, read(t).Services["grafana"].Volumes, "../../grafana/dashboards:"+provider.Providers[0].Options.Path+":ro")
	boards, err := filepath.Glob("../../grafana/dashboards/*.json")
	require.NoError(t, err)
	require.Len(t, boards, 5)
}

// The image runs as a number, from nothing, and asks no shell for its health.
func TestTheImage(t *testing.T) {
	text, err := os.ReadFile("../docker/Dockerfile")
	require.NoError(t, err)
	_, last, found := strings.Cut(string(text), "\nFROM scratch\n")
	require.True(t, found)
	require.NotContains(t, last, "\nFROM ")
	require.Regexp(t, `(?m)^USER \d+:\d+$`, last)
	require.NotContains(t, string(text), "HEALTHCHECK")
	for _, label := range []string{"title", "description", "source", "licenses", "version", "revision"} {
		require.Contains(t, last, "org.opencontainers.image."+label+"=")
	}
	require.Contains(t, string(text), "--platform=$BUILDPLATFORM")
}

// The build has a version: the one that is given, else a word that the plugin of Grafana compares with
// nothing.
func TestTheBuildHasAVersion(t *testing.T) {
	text, err := os.ReadFile("../docker/Dockerfile")
	require.NoError(t, err)
	for name := range read(t).Services["sidecar"].Build.Args {
		require.Contains(t, string(text), "\nARG "+name+"=unknown\n")
	}
	require.Equal(t, "${VERSION:-dev}", read(t).Services["sidecar"].Build.Args["VERSION"])
	health, err := os.ReadFile("../../grafana/plugin/pkg/plugin/health.go")
	require.NoError(t, err)
	require.Contains(t, string(health), `"dev"`)
}
