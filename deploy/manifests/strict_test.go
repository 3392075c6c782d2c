package manifests

import (
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"testing"

	monitoringv1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1"
	monitoringv1alpha1 "github.com/prometheus-operator/prometheus-operator/pkg/apis/monitoring/v1alpha1"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// typed are the real types, by API version and kind.
var typed = map[string]func() any{
	"apps/v1 Deployment":                      func() any { return new(appsv1.Deployment) },
	"batch/v1 CronJob":                        func() any { return new(batchv1.CronJob) },
	"batch/v1 Job":                            func() any { return new(batchv1.Job) },
	"v1 ConfigMap":                            func() any { return new(corev1.ConfigMap) },
	"v1 PersistentVolumeClaim":                func() any { return new(corev1.PersistentVolumeClaim) },
	"v1 Pod":                                  func() any { return new(corev1.Pod) },
	"v1 Service":                              func() any { return new(corev1.Service) },
	"v1 ServiceAccount":                       func() any { return new(corev1.ServiceAccount) },
	"networking.k8s.io/v1 NetworkPolicy":      func() any { return new(networkingv1.NetworkPolicy) },
	"monitoring.coreos.com/v1 PodMonitor":     func() any { return new(monitoringv1.PodMonitor) },
	"monitoring.coreos.com/v1 PrometheusRule": func() any { return new(monitoringv1.PrometheusRule) },
	"monitoring.coreos.com/v1alpha1 AlertmanagerConfig": func() any { return new(monitoringv1alpha1.AlertmanagerConfig) },
}

const flinkDeployment = "flink.apache.org/v1beta1 FlinkDeployment"

// decode returns an object as its type; a key that the type does not have is a failure.
func decode(t *testing.T, doc string) (kind string, object any) {
	t.Helper()
	var meta metav1.TypeMeta
	require.NoError(t, yaml.Unmarshal([]byte(doc), &meta))
	kind = meta.APIVersion + " " + meta.Kind
	if kind == flinkDeployment {
		for _, version := range []string{"1.9.0", "1.16-snapshot"} {
			require.NoError(t, crd(t, version).Validate(generic(t, doc)), version)
		}
		return kind, generic(t, doc)
	}
	require.Contains(t, typed, kind, doc)
	object = typed[kind]()
	require.NoError(t, yaml.UnmarshalStrict([]byte(doc), object), doc)
	return kind, object
}

func metadata(t *testing.T, doc string) metav1.ObjectMeta {
	t.Helper()
	var object struct{ Metadata metav1.ObjectMeta }
	require.NoError(t, yaml.Unmarshal([]byte(doc), &object))
	return object.Metadata
}

func generic(t *testing.T, doc string) any {
	t.Helper()
	var object any
	require.NoError(t, yaml.Unmarshal([]byte(doc), &object))
	return object
}

// crd is the schema of a FlinkDeployment of a version of the operator, in which unknown keys are faults.
func crd(t *testing.T, version string) *jsonschema.Schema {
	t.Helper()
	file, err := os.Open("testdata/flinkdeployments-" + version + ".yml.gz")
	require.NoError(t, err)
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	require.NoError(t, err)
	text, err := io.ReadAll(unpacked)
	require.NoError(t, err)
	var definition struct {
		Spec struct {
			Versions []struct {
				Schema struct {
					OpenAPIV3Schema map[string]any `json:"openAPIV3Schema"`
				}
			}
		}
	}
	require.NoError(t, yaml.Unmarshal(text, &definition))
	schema := definition.Spec.Versions[0].Schema.OpenAPIV3Schema
	properties := schema["properties"].(map[string]any)
	for _, common := range []string{"apiVersion", "kind", "metadata"} {
		properties[common] = map[string]any{}
	}
	closed(schema)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("crd.json", schema))
	compiled, err := compiler.Compile("crd.json")
	require.NoError(t, err)
	return compiled
}

// closed makes unknown keys faults where Kubernetes would remove them without a word.
func closed(schema any) {
	switch s := schema.(type) {
	case []any:
		for _, item := range s {
			closed(item)
		}
	case map[string]any:
		if s["x-kubernetes-int-or-string"] == true {
			delete(s, "type")
		}
		_, open := s["additionalProperties"]
		if properties, ok := s["properties"].(map[string]any); ok && !open &&
			s["x-kubernetes-preserve-unknown-fields"] != true {
			s["additionalProperties"] = false
			for _, property := range properties {
				closed(property)
			}
			return
		}
		for _, value := range s {
			closed(value)
		}
	}
}

// Every object of every combination of values is one that Kubernetes takes as it is meant.
func TestEveryObjectDecodesStrictly(t *testing.T) {
	count := 0
	for name, values := range valuesOf(t) {
		objects, notes := render(t, "orders", values)
		require.NotEmpty(t, objects, name)
		require.Contains(t, notes, "/sidecar doctor", name)
		for _, object := range objects {
			decode(t, object)
			count++
		}
	}
	for _, file := range kustomizations(t) {
		for _, object := range kustomize(t, filepath.Dir(file)) {
			decode(t, object)
			count++
		}
	}
	mixin, err := os.ReadFile("../mixin/prometheusrule.yml")
	require.NoError(t, err)
	decode(t, string(mixin))
	t.Logf("%d objects", count+1)
}

// The decoder is strict: a key with a typing error is found, in any of the types.
func TestTheDecoderFindsUnknownKeys(t *testing.T) {
	doc := "apiVersion: apps/v1\nkind: Deployment\nspec: {replica: 1}\n"
	require.Error(t, yaml.UnmarshalStrict([]byte(doc), new(appsv1.Deployment)))
	wrong := generic(t, "apiVersion: flink.apache.org/v1beta1\nkind: FlinkDeployment\nspec: {jobManager: {podTemplates: {}}}\n")
	require.Error(t, crd(t, "1.9.0").Validate(wrong))
}
