package main

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

func TestLoopbackListenerRefusesForeignHosts(t *testing.T) {
	t.Parallel()
	sc := startSidecar(t, "--flink.url="+flinktest.New(t, flinktest.Flink23).URL)
	for host, want := range map[string]int{
		"evil.example": 421, "evil.example:8642": 421, "localhost": 200,
		"127.0.0.1:1": 200, "[::1]:1": 200,
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, sc.url+"/metrics", nil)
		require.NoError(t, err)
		req.Host = host
		code, _ := answerOf(t, req)
		require.Equal(t, want, code, host)
	}
}
