package promrules

import (
	"testing"

	"github.com/prometheus/prometheus/promql/parser"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func grafanaOf(t *testing.T, c alerts.Config) grafanaFile {
	t.Helper()
	text, err := Grafana(c, episode.JobRef{}, "main")
	require.NoError(t, err)
	var out grafanaFile
	require.NoError(t, yaml.Unmarshal(text, &out))
	return out
}

// TestGrafanaHasTheSameAlerts compares the rules of Grafana with those of Prometheus.
func TestGrafanaHasTheSameAlerts(t *testing.T) {
	file := grafanaOf(t, alerts.DefaultConfig())
	require.Equal(t, 1, file.APIVersion)
	found := map[string]grafanaRule{}
	for _, group := range file.Groups {
		require.Equal(t, grafanaFolder, group.Folder)
		require.NotContains(t, []string{"Flink", "Flink alerts"}, group.Folder, "those of grafana/provisioning")
		for _, rule := range group.Rules {
			require.NotContains(t, found, rule.Title)
			found[rule.Title] = rule
		}
	}
	same := alertsOf(shipped(t))
	require.Len(t, found, len(same))
	uids := map[string]bool{}
	for _, want := range same {
		have := found[want.Alert]
		require.Equal(t, want.For, have.For)
		require.Equal(t, want.Labels["severity"], have.Labels["severity"])
		require.Equal(t, want.Labels["rule"], have.Labels["rule"])
		require.NotContains(t, have.Labels, "origin", "our own webhook would drop it")
		require.Equal(t, want.Annotations["runbook_url"], have.Annotations["runbook_url"])
		require.LessOrEqual(t, len(have.UID), 40, "Grafana's limit")
		uids[have.UID] = true
		for _, text := range []map[string]string{have.Labels, have.Annotations} {
			for _, value := range text {
				require.NotContains(t, value, "$", want.Alert)
			}
		}
		require.Equal(t, []string{"A", "B", "C"}, []string{have.Data[0].RefID, have.Data[1].RefID, have.Data[2].RefID})
		require.Equal(t, "main", have.Data[0].DataSourceUID)
		expr, err := parser.ParseExpr(have.Data[0].Model["expr"].(string))
		require.NoError(t, err, want.Alert)
		parser.Inspect(expr, func(node parser.Node, _ []parser.Node) error {
			if s, ok := node.(*parser.VectorSelector); ok {
				require.NotContains(t, s.Name, ":", "%s needs no recording rule", want.Alert)
			}
			return nil
		})
	}
	require.Len(t, uids, len(same))
}

func TestGrafanaOfAConfiguration(t *testing.T) {
	c := alerts.DefaultConfig()
	require.NoError(t, yaml.Unmarshal([]byte(`rules:
  - {name: mine, signal: capacity, match: {job: 'orders$'}, direction: below, threshold: 10,
     summary: '{{.Job}} has {{.Level}} left'}`), &c))
	require.Empty(t, c.Validate())
	for _, rule := range grafanaOf(t, c).Groups[0].Rules {
		if rule.Title != "FlinkSidecarMine" {
			continue
		}
		require.Contains(t, rule.Data[0].Model["expr"], `flink_job_capacity_records_per_second{job=~"orders$$"}`)
		require.Equal(t, "{{ .Labels.job }} has {{ .Values.B.Value | humanize }} left", rule.Annotations["description"])
		return
	}
	require.Fail(t, "there is no rule")
}

// TestUIDsOfLongNames has names above Grafana's limit, and two that differ by a hyphen.
func TestUIDsOfLongNames(t *testing.T) {
	c := alerts.DefaultConfig()
	require.NoError(t, yaml.Unmarshal([]byte(`rules:
  - {name: checkpoint-duration-of-the-orders-job-in-production, signal: headroom, direction: below, threshold: 0.1}
  - {name: checkpoint-duration-of-the-orders-job-in-test, signal: headroom, direction: below, threshold: 0.1}
  - {name: my-rule, signal: headroom, direction: below, threshold: 0.1}
  - {name: myrule, signal: headroom, direction: below, threshold: 0.1}`), &c))
	require.Empty(t, c.Validate())
	uids := map[string]bool{}
	for _, group := range grafanaOf(t, c).Groups {
		for _, rule := range group.Rules {
			require.Regexp(t, "^[a-z0-9-]{1,40}$", rule.UID)
			require.NotContains(t, uids, rule.UID)
			uids[rule.UID] = true
		}
	}
	require.Contains(t, uids, "flinksidecarcheckpointduration", "that of a shipped rule stays")
}
