package manifests

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

// all returns every object, by the name of its values or directory.
func all(t *testing.T) map[string][]string {
	t.Helper()
	objects := map[string][]string{}
	for name, values := range valuesOf(t) {
		objects["chart "+name], _ = render(t, "orders", values)
	}
	for _, file := range kustomizations(t) {
		dir := filepath.Dir(file)
		objects[dir] = kustomize(t, dir)
	}
	return objects
}

// pods returns the pods of an object, with Flink's own container left out.
func pods(t *testing.T, doc string) []corev1.PodSpec {
	t.Helper()
	kind, object := decode(t, doc)
	switch o := object.(type) {
	case *appsv1.Deployment:
		return []corev1.PodSpec{o.Spec.Template.Spec}
	case *batchv1.CronJob:
		return []corev1.PodSpec{o.Spec.JobTemplate.Spec.Template.Spec}
	case *batchv1.Job:
		return []corev1.PodSpec{o.Spec.Template.Spec}
	case *corev1.Pod:
		return []corev1.PodSpec{o.Spec}
	}
	if kind != flinkDeployment {
		return nil
	}
	var deployment struct {
		Spec struct {
			JobManager struct{ PodTemplate corev1.PodTemplateSpec }
		}
	}
	require.NoError(t, yaml.Unmarshal([]byte(doc), &deployment))
	pod := deployment.Spec.JobManager.PodTemplate.Spec
	pod.Containers = append(pod.Containers, native(t, pod)...)
	// The operator merges lists by position where merge-arrays-by-name is not known.
	require.Equal(t, "flink-main-container", pod.Containers[0].Name)
	require.Contains(t, doc, `kubernetes.operator.pod-template.merge-arrays-by-name: "true"`)
	pod.Containers = pod.Containers[1:]
	return []corev1.PodSpec{pod}
}

// What the standard "restricted" of Pod Security asks of a container of ours.
func TestEveryPodIsRestricted(t *testing.T) {
	found := 0
	for name, objects := range all(t) {
		for _, doc := range objects {
			for _, pod := range pods(t, doc) {
				require.False(t, pod.HostNetwork || pod.HostPID || pod.HostIPC, name)
				for _, container := range pod.Containers {
					found++
					restricted(t, name, pod, container)
				}
			}
		}
	}
	require.GreaterOrEqual(t, found, 9)
}

func restricted(t *testing.T, name string, pod corev1.PodSpec, container corev1.Container) {
	t.Helper()
	of := container.SecurityContext
	require.NotNil(t, of, name)
	require.False(t, *of.AllowPrivilegeEscalation, name)
	require.True(t, *of.ReadOnlyRootFilesystem, name)
	require.Equal(t, []corev1.Capability{"ALL"}, of.Capabilities.Drop, name)
	user, profile := of.RunAsUser, of.SeccompProfile
	nonRoot := of.RunAsNonRoot
	if pod.SecurityContext != nil {
		user, profile = first(user, pod.SecurityContext.RunAsUser), first(profile, pod.SecurityContext.SeccompProfile)
		nonRoot = first(nonRoot, pod.SecurityContext.RunAsNonRoot)
	}
	require.True(t, *nonRoot, name)
	require.EqualValues(t, 65532, *user, name)
	require.Equal(t, corev1.SeccompProfileTypeRuntimeDefault, profile.Type, name)
	require.NotEmpty(t, container.Resources.Limits.Memory(), name)
	for _, mount := range container.VolumeMounts {
		require.True(t, slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name }),
			"%s: volume %s", name, mount.Name)
	}
	for _, volume := range pod.Volumes {
		require.Nil(t, volume.HostPath, name)
	}
	limit := container.Resources.Limits.Memory().Value()
	for _, variable := range container.Env {
		if variable.Name == "GOMEMLIMIT" {
			share := float64(bytesOf(t, variable.Value)) / float64(limit)
			require.InDelta(t, 0.85, share, 0.05, "%s: GOMEMLIMIT leaves room for what the runtime does not count", name)
		}
	}
	require.Contains(t, variables(container), "GOMEMLIMIT", name)
	for _, probe := range []*corev1.Probe{container.ReadinessProbe, container.LivenessProbe} {
		if probe != nil {
			require.Contains(t, []string{"/-/ready", "/-/healthy"}, probe.HTTPGet.Path, "routes without credentials")
		}
	}
}

// bytesOf reads a value of GOMEMLIMIT: bytes, or MiB.
func bytesOf(t *testing.T, text string) int64 {
	t.Helper()
	number, isMiB := strings.CutSuffix(text, "MiB")
	value, err := strconv.ParseInt(number, 10, 64)
	require.NoError(t, err)
	if isMiB {
		value <<= 20
	}
	return value
}

func variables(container corev1.Container) (names []string) {
	for _, variable := range container.Env {
		names = append(names, variable.Name)
	}
	return names
}

// native returns the init containers of a pod, which run all the time.
func native(t *testing.T, pod corev1.PodSpec) []corev1.Container {
	t.Helper()
	for _, container := range pod.InitContainers {
		require.NotNil(t, container.RestartPolicy, "an init container that does not end blocks the JobManager")
		require.Equal(t, corev1.ContainerRestartPolicyAlways, *container.RestartPolicy)
	}
	return pod.InitContainers
}

func first[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

// One process writes the history; the labels of Flink win; a regression is no reason to repeat.
func TestWhatEveryObjectPromises(t *testing.T) {
	monitors := 0
	for name, objects := range all(t) {
		for _, doc := range objects {
			_, object := decode(t, doc)
			switch o := object.(type) {
			case *appsv1.Deployment:
				require.EqualValues(t, 1, *o.Spec.Replicas, name)
				require.Equal(t, appsv1.RecreateDeploymentStrategyType, o.Spec.Strategy.Type, name)
				require.Subset(t, o.Spec.Template.Labels, o.Spec.Selector.MatchLabels, name)
			case *monitoringv1.PodMonitor:
				monitors++
				for _, endpoint := range o.Spec.PodMetricsEndpoints {
					require.True(t, endpoint.HonorLabels, name)
				}
			case *batchv1.Job:
				require.NotNil(t, o.Spec.TTLSecondsAfterFinished, "%s: a Job that ended stands in the way of the next one", name)
				require.EqualValues(t, 180, *o.Spec.Template.Spec.TerminationGracePeriodSeconds, name)
			case *batchv1.CronJob:
				require.EqualValues(t, 180, *o.Spec.JobTemplate.Spec.Template.Spec.TerminationGracePeriodSeconds, name)
				require.EqualValues(t, 0, *o.Spec.JobTemplate.Spec.BackoffLimit, name)
				require.Equal(t, corev1.RestartPolicyNever, o.Spec.JobTemplate.Spec.Template.Spec.RestartPolicy, name)
				require.Equal(t, batchv1.ForbidConcurrent, o.Spec.ConcurrencyPolicy, name)
			case *corev1.Service:
				require.NotEmpty(t, o.Spec.Selector, name)
			}
		}
	}
	require.Equal(t, 4, monitors)
}

// The pods that a PodMonitor and a Service of the chart select are those of the Deployment, and
// not those of the CronJob and of helm test.
func TestSelectorsMeetTheirPods(t *testing.T) {
	objects, _ := render(t, "orders", valuesOf(t)["full"])
	var pod, night, tested map[string]string
	var selectors []map[string]string
	for _, doc := range objects {
		_, object := decode(t, doc)
		switch o := object.(type) {
		case *appsv1.Deployment:
			pod = o.Spec.Template.Labels
		case *batchv1.CronJob:
			night = o.Spec.JobTemplate.Spec.Template.Labels
		case *corev1.Pod:
			tested = o.Labels
		case *corev1.Service:
			selectors = append(selectors, o.Spec.Selector)
		case *monitoringv1.PodMonitor:
			selectors = append(selectors, o.Spec.Selector.MatchLabels)
		}
	}
	require.Len(t, selectors, 2)
	for _, selector := range selectors {
		require.Subset(t, pod, selector)
		require.NotSubset(t, night, selector)
		require.NotSubset(t, tested, selector)
	}
}

// The configuration in every ConfigMap passes `sidecar check config`, and every command line is
// one that the sidecar takes.
func TestTheSidecarTakesConfigurationsAndArguments(t *testing.T) {
	sidecar := filepath.Join(t.TempDir(), "sidecar")
	build := exec.CommandContext(t.Context(), "go", "build", "-o", sidecar, "./cmd/sidecar")
	build.Dir = "../.."
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	configurations, commands := 0, 0
	for name, objects := range all(t) {
		for _, doc := range objects {
			if _, object := decode(t, doc); object != nil {
				if o, ok := object.(*corev1.ConfigMap); ok && o.Data["sidecar.yml"] != "" {
					file := filepath.Join(t.TempDir(), "sidecar.yml")
					require.NoError(t, os.WriteFile(file, []byte(o.Data["sidecar.yml"]), 0o600))
					out, err := exec.CommandContext(t.Context(), sidecar, "check", "config", file).CombinedOutput()
					require.NoError(t, err, "%s: %s", name, out)
					configurations++
				}
			}
			for _, pod := range pods(t, doc) {
				for _, container := range pod.Containers {
					takes(t, sidecar, container.Args)
					commands++
				}
			}
		}
	}
	require.GreaterOrEqual(t, configurations, 6)
	require.GreaterOrEqual(t, commands, 9)
}

// takes checks that each flag is in the help of its command.
func takes(t *testing.T, sidecar string, args []string) {
	t.Helper()
	help, err := exec.CommandContext(t.Context(), sidecar, args[0], "--help").CombinedOutput()
	require.NoError(t, err)
	for _, arg := range args[1:] {
		flag, _, _ := strings.Cut(arg, "=")
		name := strings.TrimPrefix(flag, "--")
		require.True(t, strings.Contains(string(help), flag) || strings.Contains(string(help), "--[no-]"+name),
			"%s has no flag %s", args[0], flag)
	}
}
