package manifests

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
	"helm.sh/helm/v4/pkg/chart/v2/lint/support"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"
)

const chartDir = "../helm/flink-sidecar"

// valuesOf are the files of ci/, as chart-testing installs them.
func valuesOf(t *testing.T) map[string]map[string]any {
	t.Helper()
	files, err := filepath.Glob(chartDir + "/ci/*-values.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := map[string]map[string]any{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		var values map[string]any
		require.NoError(t, yaml.Unmarshal(text, &values))
		all[strings.TrimSuffix(filepath.Base(file), "-values.yaml")] = values
	}
	return all
}

// render returns the objects of the chart, and its notes.
func render(t *testing.T, release string, values map[string]any) (objects []string, notes string) {
	t.Helper()
	chart, err := loader.LoadDir(chartDir)
	require.NoError(t, err)
	rendering, err := util.ToRenderValues(chart, values,
		common.ReleaseOptions{Name: release, Namespace: "flink", IsInstall: true}, nil)
	require.NoError(t, err)
	files, err := engine.Engine{Strict: true}.Render(chart, rendering)
	require.NoError(t, err)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if strings.HasSuffix(name, "NOTES.txt") {
			notes = files[name]
			continue
		}
		if strings.HasSuffix(name, ".yaml") {
			objects = append(objects, split(files[name])...)
		}
	}
	return objects, notes
}

// split returns the documents of a YAML stream that hold anything.
func split(text string) []string {
	var docs []string
	for doc := range strings.SplitSeq("\n"+text, "\n---") {
		if strings.TrimSpace(doc) != "" {
			docs = append(docs, doc)
		}
	}
	return docs
}

// kustomize builds a directory of deploy/kubernetes.
func kustomize(t *testing.T, dir string) []string {
	t.Helper()
	built, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), dir)
	require.NoError(t, err, dir)
	text, err := built.AsYaml()
	require.NoError(t, err)
	return split(string(text))
}

func kustomizations(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("../kubernetes/*/kustomization.yaml")
	require.NoError(t, err)
	require.Len(t, files, 5)
	return files
}

func TestTheChartIsLintClean(t *testing.T) {
	for name, values := range valuesOf(t) {
		for _, message := range lint.RunAll(chartDir, values, "flink").Messages {
			require.Less(t, message.Severity, support.WarningSev, "%s: %s", name, message.Err)
		}
	}
}

// What the schema refuses would be silent otherwise.
func TestTheSchemaRefusesWrongValues(t *testing.T) {
	chart, err := loader.LoadDir(chartDir)
	require.NoError(t, err)
	for name, text := range map[string]string{
		"an unknown key":              "replicas: 2",
		"a wrong key below":           "persistence: {enable: false}",
		"a port that is a text":       "service: {port: http}",
		"a digest without sha256":     "image: {digest: abc}",
		"a place that the chart sets": "config: {web: {listen_address: '0.0.0.0:1'}}",
		"a size without unit":         "persistence: {size: '2'}",
		"an empty label":              "evaluate: {label: ''}",
	} {
		var values map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(text), &values))
		_, err := util.ToRenderValues(chart, values, common.ReleaseOptions{Name: "r", Namespace: "n"}, nil)
		require.Error(t, err, name)
	}
}
