package provisioning

import (
	"encoding/json"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// destinations are the links of exemplars in the files that are written for o, as Grafana reads
// them: it expands $ of its environment, and $$ is one $.
func destinations(t *testing.T, o Options) (all []destination) {
	t.Helper()
	dir, _ := written(t, o)
	prometheus := read(t, dir, "datasources/flink-sidecar.yaml")["datasources"].([]any)[0].(map[string]any)
	require.Equal(t, "prometheus", prometheus["type"])
	for _, d := range prometheus["jsonData"].(map[string]any)["exemplarTraceIdDestinations"].([]any) {
		of := d.(map[string]any)
		address := of["url"].(string)
		require.NotContains(t, strings.ReplaceAll(address, "$$", ""), "$", "Grafana would expand it")
		all = append(all, destination{
			of["name"].(string), of["urlDisplayLabel"].(string), strings.ReplaceAll(address, "$$", "$"),
		})
	}
	return all
}

// TestExemplarsOpenTheirMoment: the links of an exemplar are queries that the plugin has, of the data
// source in the same file, for the record that the exemplar's label names.
func TestExemplarsOpenTheirMoment(t *testing.T) {
	t.Parallel()
	const seed = "fsp-01JABCDEFGHJKMNPQRSTVWXYZ0-3"
	metrics, err := os.ReadFile("../../synthetic/metrics.go")
	require.NoError(t, err)
	kinds, err := os.ReadFile("../plugin/pkg/plugin/datasource.go")
	require.NoError(t, err)
	fields, err := os.ReadFile("../plugin/pkg/plugin/query.go")
	require.NoError(t, err)
	var types []string
	for _, d := range destinations(t, Options{PrometheusURL: "http://p:9090", HistoryURL: "http://sidecar:8642"}) {
		require.Contains(t, string(metrics), `prometheus.Labels{"`+d.Label+`": s.Seed}`)
		opened, err := url.Parse(strings.ReplaceAll(d.URL, "${__value.raw}", seed))
		require.NoError(t, err)
		require.Equal(t, "/explore", opened.Path, "Grafana puts its own address before a path")
		var panes map[string]struct {
			Datasource string
			Queries    []map[string]any
		}
		require.NoError(t, json.Unmarshal([]byte(opened.Query().Get("panes")), &panes))
		pane := panes["record"]
		require.Equal(t, historySource, pane.Datasource)
		query := pane.Queries[0]
		require.Equal(t, map[string]any{"type": historyType, "uid": historySource}, query["datasource"])
		require.Equal(t, seed, query["seed"])
		require.Contains(t, string(fields), `json:"seed"`)
		require.Contains(t, string(kinds), `"`+query["queryType"].(string)+`":`)
		types = append(types, query["queryType"].(string))
	}
	require.Equal(t, []string{"flamegraph", "diff", "records"}, types)
}

// TestExemplarsWithoutThePlugin lead to the sidecar's API, at the address that people reach.
func TestExemplarsWithoutThePlugin(t *testing.T) {
	t.Parallel()
	require.Equal(t,
		[]destination{{"seed", "The record", "https://flink.example/api/v1/probe/records?seed=${__value.raw}"}},
		destinations(t, Options{PrometheusURL: "http://p:9090", Page: "https://flink.example/"}))
	openapi, err := os.ReadFile("../../internal/api/routes/openapi.yaml")
	require.NoError(t, err)
	require.Contains(t, string(openapi), "{name: seed, in: query")
}
