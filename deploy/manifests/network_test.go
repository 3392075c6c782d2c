package manifests

import (
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// The example of a closed network leaves each server reachable that its configuration and its
// environment name, and the server of names.
func TestTheNetworkPolicyOfTheExampleReachesEveryServer(t *testing.T) {
	objects, _ := render(t, "orders", valuesOf(t)["full"])
	asked, open := map[int]bool{53: true}, map[int]bool{}
	for _, doc := range objects {
		switch _, object := decode(t, doc); o := object.(type) {
		case *networkingv1.NetworkPolicy:
			require.Equal(t, []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress}, o.Spec.PolicyTypes)
			for _, rule := range o.Spec.Egress {
				for _, port := range rule.Ports {
					open[port.Port.IntValue()] = true
				}
			}
		case *corev1.ConfigMap:
			if o.Name == "orders-flink-sidecar" {
				portsOf(t, o.Data["sidecar.yml"], asked)
			}
		case *appsv1.Deployment:
			for _, variable := range o.Spec.Template.Spec.Containers[0].Env {
				portsOf(t, variable.Value, asked)
			}
		}
	}
	require.Equal(t, asked, open)
}

// portsOf adds the port of each HOST:PORT.
func portsOf(t *testing.T, text string, ports map[int]bool) {
	t.Helper()
	for _, found := range regexp.MustCompile(`[a-z][a-z0-9-]*:(\d{2,5})\b`).FindAllStringSubmatch(text, -1) {
		port, err := strconv.Atoi(found[1])
		require.NoError(t, err)
		ports[port] = true
	}
}

// The policy is about every pod of the chart: the CronJob and helm test ask the same servers.
func TestTheNetworkPolicySelectsEveryPod(t *testing.T) {
	objects, _ := render(t, "orders", valuesOf(t)["full"])
	var selector metav1.LabelSelector
	labels := map[string]map[string]string{}
	for _, doc := range objects {
		switch _, object := decode(t, doc); o := object.(type) {
		case *networkingv1.NetworkPolicy:
			selector = o.Spec.PodSelector
		case *appsv1.Deployment:
			labels["sidecar"] = o.Spec.Template.Labels
		case *batchv1.CronJob:
			labels["evaluate"] = o.Spec.JobTemplate.Spec.Template.Labels
		case *corev1.Pod:
			labels["doctor"] = o.Labels
		}
	}
	require.Len(t, labels, 3)
	require.NotEmpty(t, selector.MatchLabels)
	for name, have := range labels {
		require.Subset(t, have, selector.MatchLabels, name)
	}
}

// On a cluster of IPv6, the address of a pod is one: 0.0.0.0 would not answer its probes.
func TestEverySidecarListensOnBothKindsOfAddress(t *testing.T) {
	found := 0
	for name, objects := range all(t) {
		for _, doc := range objects {
			for _, pod := range pods(t, doc) {
				for _, container := range pod.Containers {
					if container.Args[0] == "run" {
						require.Contains(t, container.Args, "--web.listen-address=:8642", name)
						found++
					}
				}
			}
		}
	}
	require.GreaterOrEqual(t, found, 7)
}
