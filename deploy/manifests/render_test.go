package manifests

import (
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
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
	files, err := rendered(release, values)
	require.NoError(t, err, values)
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

// renderError is why the chart refuses values.
func renderError(t *testing.T, values map[string]any) error {
	t.Helper()
	_, err := rendered("orders", values)
	require.Error(t, err, values)
	return err
}

// loaded is the chart. The loader logs each link that it follows.
var loaded = sync.OnceValues(func() (*chart.Chart, error) {
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(slog.DiscardHandler))
	return loader.LoadDir(chartDir)
})

// rendered are the files of the chart.
func rendered(release string, values map[string]any) (map[string]string, error) {
	chart, err := loaded()
	if err != nil {
		return nil, err
	}
	rendering, err := util.ToRenderValues(chart, values,
		common.ReleaseOptions{Name: release, Namespace: "flink", IsInstall: true}, nil)
	if err != nil {
		return nil, err
	}
	return engine.Engine{Strict: true}.Render(chart, rendering)
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
	require.Len(t, files, 6)
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
	chart, err := loaded()
	require.NoError(t, err)
	for name, text := range map[string]string{
		"an unknown key":              "replicas: 2",
		"a wrong key below":           "persistence: {enable: false}",
		"a port that is a text":       "service: {port: http}",
		"a digest without sha256":     "image: {digest: abc}",
		"a place that the chart sets": "config: {web: {listen_address: '0.0.0.0:1'}}",
		"a size without unit":         "persistence: {size: '2'}",
		"an empty label":              "evaluate: {label: ''}",
		"a scheme that is none":       "service: {scheme: tcp}",
		"a page that is no address":   "dashboards: {externalUrl: flink.example}",
		"a user and a token":          "podMonitor: {basicAuth: {username: {name: a, key: b}}, authorization: {type: Bearer}}",
	} {
		var values map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(text), &values))
		_, err := util.ToRenderValues(chart, values, common.ReleaseOptions{Name: "r", Namespace: "n"}, nil)
		require.Error(t, err, name)
	}
}
