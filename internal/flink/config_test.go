package flink

import (
	"testing"

	"github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

func TestConfigFaults(t *testing.T) {
	const address = " (set it to the JobManager's REST address, for example http://jobmanager:8081)"
	for name, test := range map[string]struct {
		yaml string
		want []string
	}{
		"good":      {yaml: "url: http://jobmanager:8081"},
		"good path": {yaml: "url: https://proxy/flink/"},
		"empty":     {yaml: "cluster: x", want: []string{"url: is empty" + address}},
		"no scheme": {
			yaml: "url: jobmanager:8081",
			want: []string{"url: does not begin with http:// or https://" + address},
		},
		"no host":   {yaml: "url: 'http://'", want: []string{"url: names no host" + address}},
		"not a url": {yaml: "url: 'http://u:secret@[::1'", want: []string{"url: is not a URL" + address}},
		"credentials": {
			yaml: "url: http://u:secret@h",
			want: []string{"url: holds credentials (move them to flink.http.basic_auth, best with password_file)"},
		},
		"query": {
			yaml: "url: http://h/?a=b",
			want: []string{"url: has a query or a fragment (remove what follows the path)"},
		},
		"timeout": {yaml: "url: http://h\ntimeout: 0s", want: []string{"timeout: 0s is not a time to wait " +
			"(give the longest time one request may take, for example 10s)"}},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := DefaultConfig()
			require.NoError(t, yaml.Unmarshal([]byte(test.yaml), &cfg))
			var got []string
			for _, fault := range cfg.Validate() {
				got = append(got, fault.Error())
			}
			require.Equal(t, test.want, got)
		})
	}
}

func TestConfigHTTPFault(t *testing.T) {
	cfg := DefaultConfig()
	cfg.URL = "http://h"
	cfg.HTTP.BasicAuth = &config.BasicAuth{Username: "u", Password: "p", PasswordFile: "f"}
	require.EqualError(t, cfg.Validate()[0],
		"http: at most one of basic_auth password, password_file & password_ref must be configured "+
			"(see http_config in the Prometheus documentation)")
}

func TestClusterName(t *testing.T) {
	for want, cfg := range map[string]Config{
		"orders":          {URL: "http://h:8081", Cluster: "orders"},
		"jobmanager:8081": {URL: "http://JobManager:8081/path"},
		"":                {URL: "http://[::1"},
	} {
		require.Equal(t, want, cfg.ClusterName())
	}
}

func TestSetDirectory(t *testing.T) {
	cfg := DefaultConfig()
	cfg.HTTP.BasicAuth = &config.BasicAuth{Username: "u", PasswordFile: "password"}
	cfg.SetDirectory("/etc/sidecar")
	require.Equal(t, "/etc/sidecar/password", cfg.HTTP.BasicAuth.PasswordFile)
}
