package elasticsearch

import (
	"testing"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

func TestElasticsearchFaults(t *testing.T) {
	for _, tc := range []struct {
		name, yaml string
		want       []string
	}{
		{"good", "urls: [https://es:9200/prefix]\n", nil},
		{"empty", "{}", []string{`urls: no address is named (list at least one, as http://host:9200)`}},
		{
			"no scheme", "urls: [es:9200]\n",
			[]string{`urls[0]: "es:9200" is not an http or https address (write it as http://host:9200)`},
		},
		{"a secret in the address", "urls: ['http://elastic:hunter2@es:9200']\n", []string{
			`urls[0]: the address contains credentials, set them under http (write it as http://host:9200)`,
		}},
		{"timeout", "urls: [http://es]\ntimeout: 10ms\n", []string{`timeout: 10ms is below 1s (raise it)`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var c Config
			require.NoError(t, yaml.Unmarshal([]byte(tc.yaml), &c))
			require.Equal(t, tc.want, synthetictest.FaultTexts(c.Validate()))
		})
	}
	var c Config
	require.NoError(t, yaml.Unmarshal([]byte("urls: [http://es]\n"), &c))
	require.Equal(t, model.Duration(10*time.Second), c.Timeout)
	require.True(t, c.HTTP.FollowRedirects)
}
