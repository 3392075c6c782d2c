package manifests

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write the figures of the document anew")

// aspect is one switch of the chart, with the values of each of its positions.
type aspect []string

// These depend on each other, so that all combinations are rendered.
var together = []aspect{
	{"{}", "existingConfigMap: mine", "config: {alerts: {delivery: prometheus}}"},
	{"{}", "prometheusRule: {enabled: true}", "prometheusRule: {enabled: true, shipped: false, additionalGroups: [{name: g, rules: []}]}"},
	{
		"{}", "evaluate: {enabled: true}", "evaluate: {enabled: true, existingConfigMap: nightly}",
		"evaluate: {enabled: true, promptTemplate: 'JOB {{.Job}}', config: {advisor: {focus: latency}}}",
	},
	{"{}", "persistence: {enabled: false}", "persistence: {existingClaim: past, size: 1Gi}"},
	{
		"{}", "podMonitor: {enabled: true}",
		"service: {scheme: https}\npodMonitor: {enabled: true, tlsConfig: {serverName: a}, basicAuth: {username: {name: a, key: b}}}",
	},
}

// These take turns: each position meets some of the combinations.
var inTurn = []aspect{
	{"{}", "existingSecret: secrets"},
	{"{}", "dashboards: {enabled: true}", "dashboards: {enabled: true, shipped: false, files: {a.json: '{}'}}"},
	{"{}", "networkPolicy: {enabled: true}", "networkPolicy: {enabled: true, from: [{podSelector: {}}], egress: [{ports: [{port: 8081}]}]}"},
	{"{}", "serviceAccount: {create: false}", "serviceAccount: {name: other, annotations: {a: b}}"},
	{"{}", "resources: {limits: {memory: 1.5Gi}}", "resources: {limits: {memory: 500M}}", "resources: {limits: {memory: 268435456}}"},
	{"{}", "image: {tag: nightly}", "fullnameOverride: " + strings.Repeat("long-", 12)},
	{"{}", "podAnnotations: {a: b}", "extraArgs: [--log.level=debug]"},
}

// refused are combinations that the chart refuses with a sentence.
func refused(values map[string]any) bool {
	evaluate, _ := values["evaluate"].(map[string]any)
	return values["existingConfigMap"] != nil && evaluate["promptTemplate"] != nil
}

// combinations are the values of every combination.
func combinations(t *testing.T) []map[string]any {
	t.Helper()
	all := []map[string]any{{}}
	for _, aspect := range together {
		var next []map[string]any
		for _, before := range all {
			for _, position := range aspect {
				next = append(next, merged(t, before, position))
			}
		}
		all = next
	}
	for i := range all {
		for j, aspect := range inTurn {
			// A step of its own for each aspect, so that they do not turn together.
			all[i] = merged(t, all[i], aspect[(i/(j+1))%len(aspect)])
		}
	}
	return all
}

// merged adds the keys of a position; no two aspects have a key in common but service.
func merged(t *testing.T, before map[string]any, position string) map[string]any {
	t.Helper()
	after := map[string]any{}
	require.NoError(t, yaml.Unmarshal([]byte(position), &after))
	for key, value := range before {
		require.NotContains(t, after, key)
		after[key] = value
	}
	return after
}

// Every combination of values is one that Kubernetes takes as it is meant, and the document says how
// many there are.
func TestEveryCombinationOfValues(t *testing.T) {
	cells, objects := 0, 0
	for _, values := range combinations(t) {
		if refused(values) {
			require.ErrorContains(t, renderError(t, values), "need config: with existingConfigMap")
			continue
		}
		cells++
		found, _ := render(t, "orders", values)
		names := map[string]bool{}
		for _, doc := range found {
			kind, object := decode(t, doc)
			name := kind + " " + metadata(t, doc).Name
			require.False(t, names[name], "%s twice in %v", name, values)
			most := 63
			if kind == "batch/v1 CronJob" {
				most = 52
			}
			require.LessOrEqual(t, len(metadata(t, doc).Name), most, values)
			names[name] = true
			if c, ok := object.(*corev1.ConfigMap); ok {
				require.NotEmpty(t, c.Data, values)
			}
			objects++
		}
	}
	hold(t, fmt.Sprintf("`make manifests` renders %d combinations of values and decodes their %d objects strictly.\n", cells, objects))
}

// hold compares a sentence with the one in the document.
func hold(t *testing.T, sentence string) {
	t.Helper()
	const document = "../../docs/installation.md"
	raw, err := os.ReadFile(document)
	require.NoError(t, err)
	place := regexp.MustCompile(`(?s)(<!-- matrix -->\n)(.*)(<!-- end of matrix -->)`)
	if *update {
		require.NoError(t, os.WriteFile(document, place.ReplaceAll(raw, []byte("${1}"+sentence+"${3}")), 0o600))
		return
	}
	require.Equal(t, sentence, place.FindStringSubmatch(string(raw))[2], "run here: go test -run %s -update", t.Name())
}
