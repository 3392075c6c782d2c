package manifests

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/stretchr/testify/require"
)

// The compose file is one that the reference implementation takes.
func TestTheComposeFileIsValid(t *testing.T) {
	project := composed(t, "compose.yml")
	require.Len(t, project.Services, 9)
	require.True(t, project.Services["sidecar"].ReadOnly)
}

// So are the further files together with it. Their mounts replace or add what they should.
func TestTheFurtherComposeFilesAreValid(t *testing.T) {
	grafana := composed(t, "compose.yml", "compose.plugin.yml").Services["grafana"]
	require.Len(t, grafana.Volumes, 4)
	require.FileExists(t, filepath.Join(grafana.Build.Context, grafana.Build.Dockerfile))
	require.Equal(t, *grafana.Build.Args["GRAFANA_IMAGE"], composed(t, "compose.yml").Services["grafana"].Image,
		"the plugin changes nothing else")
	require.Equal(t, "flinksidecar-history-datasource", *grafana.Environment["GF_PLUGINS_ALLOW_LOADING_UNSIGNED_PLUGINS"])
	require.NotNil(t, grafana.Environment["GF_SECURITY_ADMIN_PASSWORD__FILE"])

	with := composed(t, "compose.yml", "compose.pyroscope.yml")
	require.Len(t, with.Services, 10)
	sources := map[string]string{}
	for _, v := range with.Services["sidecar"].Volumes {
		sources[v.Target] = filepath.Base(v.Source)
	}
	require.Equal(t, map[string]string{"/etc/flink-sidecar/config.yml": "pyroscope.yml", "/data": "sidecar"}, sources)
	all := composed(t, "compose.yml", "compose.plugin.yml", "compose.pyroscope.yml")
	for name, service := range all.Services {
		for _, v := range service.Volumes {
			if v.Type == types.VolumeTypeBind {
				_, err := os.Stat(v.Source)
				require.NoError(t, err, name)
			}
		}
	}
}

func composed(t *testing.T, names ...string) *types.Project {
	t.Helper()
	var paths []string
	for _, name := range names {
		paths = append(paths, filepath.Join("../compose", name))
	}
	options, err := cli.NewProjectOptions(paths)
	require.NoError(t, err)
	project, err := options.LoadProject(t.Context())
	require.NoError(t, err)
	return project
}
