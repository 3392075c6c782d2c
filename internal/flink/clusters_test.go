package flink

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// readClusters reads a section as the configuration does.
func readClusters(t *testing.T, text string) ClustersConfig {
	t.Helper()
	section := DefaultClusters()
	require.NoError(t, yaml.Unmarshal([]byte(text), &section))
	return section
}

func TestClustersOfASection(t *testing.T) {
	for name, test := range map[string]struct {
		yaml  string
		names []string
	}{
		"none":         {"timeout: 5s", nil},
		"one":          {"{url: http://a, cluster: one}", []string{"one"}},
		"a list":       {"clusters: [{url: http://A:1}, {url: http://b, cluster: two}]", []string{"a:1", "two"}},
		"both":         {"{url: http://a, clusters: [{url: http://b}]}", []string{"a", "b"}},
		"a list alone": {"clusters: [{url: http://a}]", []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			section := readClusters(t, test.yaml)
			require.Equal(t, test.names, section.Names())
		})
	}
	section := readClusters(t, "clusters: [{url: http://a}]")
	want := DefaultConfig()
	want.URL = "http://a"
	require.Equal(t, []Config{want}, section.All(), "a cluster of the list has the same defaults")
}

func TestOnlyOneCluster(t *testing.T) {
	section := readClusters(t, "{url: http://a, cluster: one, clusters: [{url: 'http://b/', cluster: two, "+
		"timeout: 3s}]}")
	section.Only("http://b")
	require.Equal(t, []string{"two"}, section.Names(), "what is configured for it stays")
	require.Equal(t, "3s", section.All()[0].Timeout.String())

	section = readClusters(t, "{url: http://a, cluster: one, clusters: [{url: http://b}]}")
	section.Only("http://c")
	require.Equal(t, []string{"one"}, section.Names())
	require.Equal(t, "http://c", section.All()[0].URL)
}

func TestClustersFaults(t *testing.T) {
	many := strings.Builder{}
	for i := range 33 {
		fmt.Fprintf(&many, "\n- url: http://cluster-%d", i)
	}
	for name, test := range map[string]struct {
		yaml string
		want []string
	}{
		"good": {"clusters: [{url: http://a}, {url: http://b}]", nil},
		"twins": {
			"{url: http://a, clusters: [{url: http://b, cluster: a}]}",
			[]string{`clusters[0].cluster: "a" is the name of the cluster of flink.url too (give each cluster a name of its own)`},
		},
		"no url": {"clusters: [{cluster: a}]", []string{"clusters[0].url: is empty (set it to the JobManager's " +
			"REST address, for example http://jobmanager:8081)"}},
		"leftover": {"{cluster: a, clusters: [{url: http://b}]}", []string{"cluster: belongs to no cluster, " +
			"because url is missing beside it (move it into the cluster it is for)"}},
		"long": {
			"{url: http://a, cluster: " + strings.Repeat("é", 101) + "}",
			[]string{"cluster: 101 characters are more than the 100 that a name may have " +
				"(shorten it: it is a label of every series)"},
		},
		"too many": {"clusters:" + many.String(), []string{"clusters: 33 clusters are more than the 32 that one " +
			"sidecar looks at (run another sidecar for the rest)"}},
	} {
		t.Run(name, func(t *testing.T) {
			section := readClusters(t, test.yaml)
			var got []string
			for _, fault := range section.Validate() {
				got = append(got, fault.Error())
			}
			require.Equal(t, test.want, got)
		})
	}
}
