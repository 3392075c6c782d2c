package provisioning

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func written(t *testing.T, o Options) (dir string, files []string) {
	t.Helper()
	dir = t.TempDir()
	files, err := Write(dir, o)
	require.NoError(t, err)
	for i, file := range files {
		files[i], err = filepath.Rel(dir, file)
		require.NoError(t, err)
	}
	return dir, files
}

func read(t *testing.T, dir, name string) (document map[string]any) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "provisioning", name))
	require.NoError(t, err)
	require.NoError(t, yaml.Unmarshal(text, &document), "%s", text)
	require.Equal(t, 1, document["apiVersion"])
	return document
}

func TestFiles(t *testing.T) {
	t.Parallel()
	without := []string{
		"dashboards/changes.json", "dashboards/end-to-end.json", "dashboards/fleet.json", "dashboards/forecast.json",
		"dashboards/job.json", "provisioning/alerting/flink-sidecar-contact-point.yaml",
		"provisioning/alerting/flink-sidecar-rules.yaml", "provisioning/dashboards/flink-sidecar.yaml",
	}
	dir, files := written(t, Options{})
	require.Equal(t, without, files)
	provider := read(t, dir, "dashboards/flink-sidecar.yaml")["providers"].([]any)[0].(map[string]any)
	require.Equal(t, filepath.Join(dir, "dashboards"), provider["options"].(map[string]any)["path"])

	dir, files = written(t, Options{Trends: []byte("apiVersion: 1\n")})
	require.Contains(t, files, "provisioning/alerting/flink-sidecar-trends.yaml")
	require.Len(t, read(t, dir, "alerting/flink-sidecar-trends.yaml"), 1)

	_, files = written(t, Options{PrometheusURL: "http://prometheus:9090"})
	require.Equal(t, append(without, "provisioning/datasources/flink-sidecar.yaml"), files)
}

// TestHistory: the data source of the plugin, with and without a Prometheus.
func TestHistory(t *testing.T) {
	t.Parallel()
	dir, _ := written(t, Options{HistoryURL: "http://sidecar:8642", Page: "https://flink.example"})
	sources := read(t, dir, "datasources/flink-sidecar.yaml")["datasources"].([]any)
	require.Len(t, sources, 1)
	only := sources[0].(map[string]any)
	require.Equal(t, "http://sidecar:8642", only["url"])
	require.Equal(t, "https://flink.example", only["jsonData"].(map[string]any)["externalUrl"])
	plugin, err := os.ReadFile("../plugin/src/plugin.json")
	require.NoError(t, err)
	require.Contains(t, string(plugin), `"id": "`+only["type"].(string)+`"`)

	dir, _ = written(t, Options{HistoryURL: "http://sidecar:8642", PrometheusURL: "http://p:9090"})
	require.Len(t, read(t, dir, "datasources/flink-sidecar.yaml")["datasources"], 2)
}

// TestHostileValues: what a person passes stays a text, in YAML and for Grafana, which expands
// variables of its environment.
func TestHostileValues(t *testing.T) {
	t.Parallel()
	dir, _ := written(t, Options{
		DataSource: `a"b:$HOME`, PrometheusURL: `http://p:9090/"$x`, Page: "https://flink.example/sub/", DashboardsPath: `/srv/a "b" #c`,
	})
	source := read(t, dir, "datasources/flink-sidecar.yaml")["datasources"].([]any)[0].(map[string]any)
	require.Equal(t, `a"b:$$HOME`, source["uid"])
	require.Equal(t, `http://p:9090/"$$x`, source["url"])
	provider := read(t, dir, "dashboards/flink-sidecar.yaml")["providers"].([]any)[0].(map[string]any)
	require.Equal(t, `/srv/a "b" #c`, provider["options"].(map[string]any)["path"])
	point := read(t, dir, "alerting/flink-sidecar-contact-point.yaml")["contactPoints"].([]any)[0].(map[string]any)
	settings := point["receivers"].([]any)[0].(map[string]any)["settings"].(map[string]any)
	require.Equal(t, "https://flink.example/sub/alertmanager/webhook", settings["url"])
}

// TestTheContactPointHasTheToken that the sidecar's webhook asks for, from a file on Grafana's machine.
func TestTheContactPointHasTheToken(t *testing.T) {
	t.Parallel()
	settings := func(file string) map[string]any {
		dir, _ := written(t, Options{WebhookTokenFile: file})
		point := read(t, dir, "alerting/flink-sidecar-contact-point.yaml")["contactPoints"].([]any)[0].(map[string]any)
		return point["receivers"].([]any)[0].(map[string]any)["settings"].(map[string]any)
	}
	with := settings(`/etc/"flink" sidecar/token`)
	require.Equal(t, "Bearer", with["authorization_scheme"])
	require.Equal(t, `$__file{/etc/"flink" sidecar/token}`, with["authorization_credentials"])
	require.NotContains(t, settings(""), "authorization_scheme")
	for _, file := range []string{"/etc/$HOME", "/etc/a}b"} {
		_, err := Write(t.TempDir(), Options{WebhookTokenFile: file})
		require.ErrorContains(t, err, "rename the file")
	}
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	for _, o := range []Options{
		{Page: "flink.example"}, {Page: "javascript:alert(1)"}, {PrometheusURL: "http://user:secret@p:9090"}, {DataSource: "a b"},
	} {
		_, err := Write(t.TempDir(), o)
		require.Error(t, err, "%+v", o)
		require.NotContains(t, err.Error(), "secret")
	}
}

// TestFoldersDiffer avoids the second folder of the same title.
func TestFoldersDiffer(t *testing.T) {
	t.Parallel()
	dir, _ := written(t, Options{})
	provider := read(t, dir, "dashboards/flink-sidecar.yaml")["providers"].([]any)[0].(map[string]any)
	group := read(t, dir, "alerting/flink-sidecar-rules.yaml")["groups"].([]any)[0].(map[string]any)
	require.NotContains(t, provider, "folderUid")
	require.NotEqual(t, provider["folder"], group["folder"])
}

// TestRules: each is a query that Prometheus takes. Write fails if a panel is not there.
func TestRules(t *testing.T) {
	t.Parallel()
	dir, _ := written(t, Options{DataSource: "main"})
	text, err := os.ReadFile(filepath.Join(dir, "provisioning", "alerting", "flink-sidecar-rules.yaml"))
	require.NoError(t, err)
	require.NotContains(t, string(text), "$", "Grafana would expand it")
	group := read(t, dir, "alerting/flink-sidecar-rules.yaml")["groups"].([]any)[0].(map[string]any)
	require.Len(t, group["rules"], len(rules))
	metrics, err := os.ReadFile("../../docs/metrics.md")
	require.NoError(t, err)
	for _, r := range rules {
		expr, err := parser.ParseExpr(r.Expr)
		require.NoError(t, err, r.Title)
		parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
			if s, ok := node.(*parser.VectorSelector); ok {
				require.Contains(t, string(metrics), "| `"+s.Name+"` |", r.Title)
			}
			return nil
		})
		require.NotContains(t, r.Summary, "$", r.Title)
	}
	for _, r := range group["rules"].([]any) {
		require.Equal(t, "flink-sidecar", r.(map[string]any)["labels"].(map[string]any)["origin"])
		require.NotEqual(t, "0", r.(map[string]any)["annotations"].(map[string]any)["__panelId__"])
	}
}
