package manifests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// chartOf renders values, and returns the objects of one type.
func chartOf[T any](t *testing.T, values string) (found []*T, notes string) {
	t.Helper()
	var parsed map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(values), &parsed))
	docs, notes := render(t, "orders", parsed)
	for _, doc := range docs {
		if _, object := decode(t, doc); object != nil {
			if o, ok := object.(*T); ok {
				found = append(found, o)
			}
		}
	}
	return found, notes
}

// The switch alone gives the dashboards that come with the sidecar, and one's own beside them.
func TestTheChartHasTheDashboards(t *testing.T) {
	files, err := filepath.Glob("../../grafana/dashboards/*.json")
	require.NoError(t, err)
	require.Len(t, files, 5)
	maps, _ := chartOf[corev1.ConfigMap](t, "dashboards: {enabled: true, files: {own.json: '{}', job.json: 'mine'}}")
	data := map[string]string{}
	for _, m := range maps {
		if m.Labels["grafana_dashboard"] == "1" {
			for name, text := range m.Data {
				data[name] = text
			}
		}
	}
	for _, file := range files {
		shipped, err := os.ReadFile(file)
		require.NoError(t, err)
		if name := filepath.Base(file); name != "job.json" {
			require.Equal(t, string(shipped), data[name], name)
		}
	}
	require.Equal(t, "{}", data["own.json"])
	require.Equal(t, "mine", data["job.json"], "one's own counts")
	require.Len(t, data, 6)
}

// The rules are those of the mixin. The trends are left to the sidecar unless Prometheus has them.
func TestTheChartHasTheRules(t *testing.T) {
	groups := func(values string) []string {
		rules, _ := chartOf[monitoringv1.PrometheusRule](t, values)
		require.Len(t, rules, 1)
		var names []string
		for _, group := range rules[0].Spec.Groups {
			names = append(names, group.Name)
		}
		return names
	}
	without := groups("prometheusRule: {enabled: true}")
	require.NotContains(t, without, "flink-sidecar.trends")
	for _, values := range []string{
		"prometheusRule: {enabled: true}\nconfig: {alerts: {delivery: prometheus}}",
		"prometheusRule: {enabled: true, trends: true}\nexistingConfigMap: mine",
	} {
		require.ElementsMatch(t, append([]string{"flink-sidecar.trends"}, without...), groups(values))
	}
	require.ErrorContains(t, renderError(t, map[string]any{"prometheusRule": map[string]any{"enabled": true, "trends": true}}),
		"each trend is reported twice")

	rules, _ := chartOf[monitoringv1.PrometheusRule](t, "prometheusRule: {enabled: true}\nconfig: {alerts: {delivery: prometheus}}")
	text, err := os.ReadFile("../mixin/prometheusrule.yml")
	require.NoError(t, err)
	var shipped monitoringv1.PrometheusRule
	require.NoError(t, yaml.UnmarshalStrict(text, &shipped))
	require.ElementsMatch(t, shipped.Spec.Groups, rules[0].Spec.Groups)
}

// With TLS, kubelet and Prometheus ask by it: by HTTP, the container would be restarted for ever.
func TestTheChartWithTLSAndPasswords(t *testing.T) {
	values := "service: {scheme: https}\npodMonitor: {enabled: true, tlsConfig: {serverName: a}, " +
		"basicAuth: {username: {name: s, key: user}, password: {name: s, key: password}}}"
	deployments, notes := chartOf[appsv1.Deployment](t, values)
	container := deployments[0].Spec.Template.Spec.Containers[0]
	require.Equal(t, corev1.URISchemeHTTPS, container.LivenessProbe.HTTPGet.Scheme)
	require.Equal(t, corev1.URISchemeHTTPS, container.ReadinessProbe.HTTPGet.Scheme)
	require.Contains(t, notes, "  https://orders-flink-sidecar.flink.svc:8642/alertmanager/webhook\n")
	monitors, _ := chartOf[monitoringv1.PodMonitor](t, values)
	endpoint := monitors[0].Spec.PodMetricsEndpoints[0]
	require.Equal(t, "https", strings.ToLower(string(*endpoint.Scheme)))
	require.Equal(t, "s", endpoint.BasicAuth.Password.Name)
	require.Equal(t, "a", *endpoint.TLSConfig.ServerName)
}

// A ConfigMap of one's own: the notes do not name the default cluster, and nothing of config counts.
func TestTheChartWithAConfigMapOfOnesOwn(t *testing.T) {
	deployments, notes := chartOf[appsv1.Deployment](t, "existingConfigMap: mine")
	require.NotContains(t, notes, "http://flink-jobmanager:8081")
	require.Contains(t, notes, "the ConfigMap mine")
	require.Contains(t, notes, "rollout restart deploy/orders-flink-sidecar")
	require.NotContains(t, deployments[0].Spec.Template.Annotations, "checksum/config")
	other, _ := chartOf[appsv1.Deployment](t, "{}")
	require.Contains(t, other[0].Spec.Template.Annotations, "checksum/config")
}

// The CronJob has a prompt, and a configuration that names it; the sidecar beside it has neither.
func TestThePromptOfTheCronJob(t *testing.T) {
	maps, _ := chartOf[corev1.ConfigMap](t,
		"evaluate: {enabled: true, promptTemplate: 'JOB {{.Job}}', config: {advisor: {focus: latency}}}")
	byName := map[string]map[string]string{}
	for _, m := range maps {
		byName[m.Name] = m.Data
	}
	night := byName["orders-flink-sidecar-evaluate"]
	require.Equal(t, "JOB {{.Job}}", night["prompt.tmpl"])
	require.Contains(t, night["sidecar.yml"], "prompt_template_file: prompt.tmpl")
	require.Contains(t, night["sidecar.yml"], "focus: latency")
	require.Contains(t, night["sidecar.yml"], "url: http://flink-jobmanager:8081")
	require.NotContains(t, byName["orders-flink-sidecar"]["sidecar.yml"], "advisor")
	jobs, _ := chartOf[batchv1.CronJob](t, "evaluate: {enabled: true, promptTemplate: x}")
	require.Equal(t, "orders-flink-sidecar-evaluate", jobs[0].Spec.JobTemplate.Spec.Template.Spec.Volumes[0].ConfigMap.Name)
	jobs, _ = chartOf[batchv1.CronJob](t, "evaluate: {enabled: true}")
	require.Equal(t, "orders-flink-sidecar", jobs[0].Spec.JobTemplate.Spec.Template.Spec.Volumes[0].ConfigMap.Name)
}

// 85 % of the limit, whatever its unit; none without a limit.
func TestTheSoftLimitOfMemory(t *testing.T) {
	for limit, want := range map[string]string{
		"256Mi": "228170137", "1.5Gi": "1369020825", "500M": "425000000", "1000000": "850000",
	} {
		deployments, _ := chartOf[appsv1.Deployment](t, "resources: {limits: {memory: "+limit+"}}")
		require.Equal(t, want, deployments[0].Spec.Template.Spec.Containers[0].Env[0].Value, limit)
	}
	deployments, _ := chartOf[appsv1.Deployment](t, "resources: {limits: null}")
	require.Empty(t, deployments[0].Spec.Template.Spec.Containers[0].Env)
	require.ErrorContains(t, renderError(t, map[string]any{
		"resources": map[string]any{"limits": map[string]any{"memory": "1Foo"}},
	}), "has an unknown unit (use Mi or Gi)")
}
