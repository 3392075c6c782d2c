package manifests

import (
	"log/slog"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	alertmanager "github.com/prometheus/alertmanager/config"
	prometheus "github.com/prometheus/prometheus/config"
	"github.com/prometheus/prometheus/model/rulefmt"
	"github.com/stretchr/testify/require"
	"sigs.k8s.io/yaml"
)

// Prometheus and Alertmanager read the files of the compose project, as promtool and amtool do.
func TestTheServersTakeTheirFiles(t *testing.T) {
	read, err := prometheus.LoadFile("../compose/prometheus/prometheus.yml", false, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	require.True(t, read.ScrapeConfigs[0].HonorLabels)
	for _, file := range []string{"../compose/prometheus/rules.yml", "../mixin/alerts/alerts.yml", "../mixin/rules/rules.yml"} {
		groups, faults := rulefmt.ParseFile(file, false)
		require.Empty(t, faults, file)
		require.NotEmpty(t, groups.Groups, file)
	}
	routes, err := alertmanager.LoadFile("../compose/alertmanager/alertmanager.yml")
	require.NoError(t, err)
	require.Equal(t, "flink-sidecar", routes.Route.Receiver)
	require.Contains(t, routes.String(), "<secret>", "what doctor sees of the address")
}

// What the chart makes of the rules is still one that Prometheus reads: templates in annotations stay.
func TestPrometheusTakesTheRulesOfTheChart(t *testing.T) {
	rules, _ := chartOf[monitoringv1.PrometheusRule](t, "prometheusRule: {enabled: true}\nconfig: {alerts: {delivery: prometheus}}")
	text, err := yaml.Marshal(rules[0].Spec)
	require.NoError(t, err)
	_, faults := rulefmt.Parse(text, false)
	require.Empty(t, faults)
	require.Contains(t, string(text), "{{ $labels.")

	_, faults = rulefmt.Parse([]byte("groups: [{name: g, rules: [{alert: A, expr: 'sum('}]}]"), false)
	require.NotEmpty(t, faults, "the reader finds a wrong expression")
}
