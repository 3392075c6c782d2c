package manifests

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// People read the dashboards elsewhere: links begin with the address of the page, where it is known.
func TestTheDashboardsOfTheChartLinkToThePage(t *testing.T) {
	const onLoopback = "127.0.0.1:8642"
	for values, page := range map[string]string{
		"{}": "http://" + onLoopback,
		"config: {web: {external_url: 'https://a'}}":                                                "https://a",
		"config: {web: {external_url: 'https://a'}}\ndashboards: {externalUrl: 'https://b/flink/'}": "https://b/flink",
	} {
		var set map[string]any
		require.NoError(t, yaml.Unmarshal([]byte(values), &set))
		boards, _ := set["dashboards"].(map[string]any)
		set["dashboards"] = merged(t, boards, "{enabled: true}")
		text, err := yaml.Marshal(set)
		require.NoError(t, err)
		maps, _ := chartOf[corev1.ConfigMap](t, string(text))
		found := 0
		for _, m := range maps {
			for name, board := range m.Data {
				if m.Labels["grafana_dashboard"] == "1" {
					require.Contains(t, board, `"query": "`+page+`"`, name)
					require.Equal(t, page == "http://"+onLoopback, strings.Contains(board, onLoopback), name)
					found++
				}
			}
		}
		require.Equal(t, 5, found)
	}
}

// A host of one's own, such as that of an Ingress, does not shut out the pods of the cluster.
func TestTheChartAddsTheNamesOfItsService(t *testing.T) {
	maps, _ := chartOf[corev1.ConfigMap](t, "config: {web: {allowed_hosts: [flink.example, orders-flink-sidecar.flink]}}")
	require.Len(t, maps, 1)
	var config struct {
		Web struct {
			AllowedHosts []string `json:"allowed_hosts"`
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(maps[0].Data["sidecar.yml"]), &config))
	require.Equal(t, []string{
		"flink.example", "orders-flink-sidecar.flink", "orders-flink-sidecar", "orders-flink-sidecar.flink.svc",
		"orders-flink-sidecar.flink.svc.cluster.local",
	}, config.Web.AllowedHosts)
}
