package manifests

import (
	"net/url"
	"strings"
	"testing"

	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
)

// of returns the objects of a directory of deploy/kubernetes with their kinds.
func of(t *testing.T, dir string) map[string][]any {
	t.Helper()
	found := map[string][]any{}
	for _, doc := range kustomize(t, "../kubernetes/"+dir) {
		kind, object := decode(t, doc)
		found[kind] = append(found[kind], object)
	}
	return found
}

// ours are the pods of a directory, without Flink's own container.
func ours(t *testing.T, dir string) (all []corev1.PodSpec) {
	t.Helper()
	for _, doc := range kustomize(t, "../kubernetes/"+dir) {
		all = append(all, pods(t, doc)...)
	}
	require.NotEmpty(t, all, dir)
	return all
}

// A pod is ready if all its containers are: a sidecar with a full volume must not take the
// JobManager out of Flink's services.
func TestTheSidecarDoesNotDecideWhetherTheJobManagerIsReady(t *testing.T) {
	for _, dir := range []string{"jobmanager-sidecar", "jobmanager-native-sidecar"} {
		for _, pod := range ours(t, dir) {
			for _, container := range pod.Containers {
				require.Nil(t, container.ReadinessProbe, dir)
				require.Nil(t, container.StartupProbe, dir)
				require.NotNil(t, container.LivenessProbe, dir)
			}
		}
	}
	require.NotNil(t, ours(t, "standalone")[0].Containers[0].ReadinessProbe, "a pod of its own has one")
}

// The native sidecar is the same container at another place. An operator before 1.9 does not know
// the field without which it would block the JobManager.
func TestTheNativeSidecar(t *testing.T) {
	plain, native := ours(t, "jobmanager-sidecar")[0], ours(t, "jobmanager-native-sidecar")[0]
	require.Len(t, native.InitContainers, 1)
	require.Len(t, native.Containers, 1, "Flink's own, and the native one that this test counts as ours")
	moved := native.InitContainers[0]
	require.Equal(t, corev1.ContainerRestartPolicyAlways, *moved.RestartPolicy)
	moved.RestartPolicy = nil
	require.Equal(t, plain.Containers[0], moved)

	for _, doc := range kustomize(t, "../kubernetes/jobmanager-native-sidecar") {
		if strings.Contains(doc, "kind: FlinkDeployment") {
			err := crd(t, "1.8.0").Validate(generic(t, doc))
			require.ErrorContains(t, err, "restartPolicy")
			require.NoError(t, crd(t, "1.9.0").Validate(generic(t, doc)))
		}
	}
	for _, doc := range kustomize(t, "../kubernetes/jobmanager-sidecar") {
		if strings.Contains(doc, "kind: FlinkDeployment") {
			require.NoError(t, crd(t, "1.8.0").Validate(generic(t, doc)), "the plain one needs no such field")
		}
	}
}

// Alertmanager sends the token that the sidecar asks for, to a name that other namespaces know.
func TestBothSidesOfTheWebhookHaveTheToken(t *testing.T) {
	config := of(t, "alertmanager")["monitoring.coreos.com/v1alpha1 AlertmanagerConfig"][0].(*monitoringv1alpha1.AlertmanagerConfig)
	hook := config.Spec.Receivers[0].WebhookConfigs[0]
	sent := hook.HTTPConfig.Authorization.Credentials
	address, err := url.Parse(string(*hook.URL))
	require.NoError(t, err)
	require.Equal(t, "flink-sidecar."+config.Namespace+".svc", address.Hostname())

	for dir, service := range map[string]string{
		"standalone": "flink-sidecar", "jobmanager-sidecar": "orders-flink-sidecar",
		"jobmanager-native-sidecar": "orders-flink-sidecar",
	} {
		objects := of(t, dir)
		require.Equal(t, service, objects["v1 Service"][0].(*corev1.Service).Name, dir)
		require.Equal(t, address.Port(), "8642")
		require.EqualValues(t, 8642, objects["v1 Service"][0].(*corev1.Service).Spec.Ports[0].Port, dir)
		asked := objects["v1 ConfigMap"][0].(*corev1.ConfigMap).Data["sidecar.yml"]
		mounted := false
		for _, pod := range ours(t, dir) {
			for _, volume := range pod.Volumes {
				if volume.Secret == nil || volume.Secret.SecretName != sent.Name {
					continue
				}
				for _, mount := range pod.Containers[0].VolumeMounts {
					if mount.Name == volume.Name {
						mounted = true
						require.Contains(t, asked, "webhook: {token_file: "+mount.MountPath+"/"+sent.Key+"}", dir)
					}
				}
			}
		}
		require.True(t, mounted, dir)
	}
}
