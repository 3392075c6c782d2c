package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

func TestTargetThatWasNotAskedYetIsUnknown(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	server.Break(flinktest.Hang)
	sc := startSidecar(t, "--flink.url="+server.URL)
	_, page := sc.get(t, "/metrics")
	require.Contains(t, page, "flink_sidecar_collector_poll_interval_seconds", "the page is there, only Flink is not")
	require.NotContains(t, page, `flink_sidecar_up{target="flink"}`)
}
