package manifests

import (
	"testing"

	"github.com/stretchr/testify/require"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
)

// night is the container of the chart's CronJob.
func night(t *testing.T, values string) corev1.Container {
	t.Helper()
	jobs, _ := chartOf[batchv1.CronJob](t, values)
	require.Len(t, jobs, 1)
	return jobs[0].Spec.JobTemplate.Spec.Template.Spec.Containers[0]
}

// A scale test in the CronJob needs what it needs without Helm, and more than the sidecar.
func TestBothCronJobsHaveTheSameResources(t *testing.T) {
	chart, plain := night(t, "evaluate: {enabled: true}"), ours(t, "evaluate")[0].Containers[0]
	require.Equal(t, "1Gi", plain.Resources.Limits.Memory().String())
	require.Equal(t, plain.Resources.Limits.Memory().String(), chart.Resources.Limits.Memory().String())
	require.Equal(t, plain.Resources.Requests.Cpu().String(), chart.Resources.Requests.Cpu().String())
	require.Equal(t, plain.Resources.Requests.Memory().String(), chart.Resources.Requests.Memory().String())
}

// The resources of the sidecar and of the CronJob are changed apart.
func TestTheResourcesOfTheCronJob(t *testing.T) {
	container := night(t, "resources: {limits: {memory: 64Mi}}\nevaluate: {enabled: true, resources: {limits: {memory: 2000Mi}}}")
	require.Equal(t, "2000Mi", container.Resources.Limits.Memory().String())
	require.Equal(t, "1782579200", container.Env[0].Value, "85 %")
	require.Empty(t, night(t, "evaluate: {enabled: true, resources: {limits: null}}").Env)
	require.ErrorContains(t, renderError(t, map[string]any{"evaluate": map[string]any{
		"enabled": true, "resources": map[string]any{"limits": map[string]any{"memory": "1Foo"}},
	}}), "evaluate.resources.limits.memory: 1Foo has an unknown unit (use Mi or Gi)")
}
