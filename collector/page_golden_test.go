package collector

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestPages holds every value that two versions of Flink gave.
func TestPages(t *testing.T) {
	for _, version := range []string{flinktest.Flink23, flinktest.Flink120} {
		t.Run(version, func(t *testing.T) {
			l := newLab(t, version)
			l.first()
			l.golden("page_" + version + ".txt")
			problems, err := testutil.CollectAndLint(l.Collector)
			require.NoError(t, err)
			require.Empty(t, problems)
		})
	}
}
