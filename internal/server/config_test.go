package server

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAllowedHostsAreNames(t *testing.T) {
	for host, valid := range map[string]bool{
		"sidecar.example": true, "flink-sidecar": true, "*.svc.cluster.local": true, "a_b.example.": true,
		"10.0.0.7": true,
		"":         false, "http://sidecar.example": false, "sidecar.example:8642": false, "*": false, "a.*.b": false,
		"a b": false, ".a": false, "a/b": false,
	} {
		cfg := Config{ListenAddress: DefaultListenAddress, AllowedHosts: []string{host}}
		require.Equal(t, valid, len(cfg.Validate()) == 0, host)
	}
}
