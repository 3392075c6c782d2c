package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/figures"
)

// An iteration that does not count is repeated. Its successor is not "3 of 2".
func TestLineOfAnIteration(t *testing.T) {
	rate := 201.4
	var out strings.Builder
	progress := NewProgress(&out)
	for i, flags := range [][]string{nil, {figures.FlagShort}, nil} {
		progress.Take(scaletest.Progress{Iteration: i + 1, Iterations: 2, Finished: &scalerun.Iteration{
			Iteration: i + 1, Intended: 1000, Sent: 1000, Throughput: &rate, SlowestSink: "search", Flags: flags,
		}})
	}
	require.Equal(t, `sidecar: iteration 1 of 2: 1000 of 1000 records sent, 201.4 records/s, search last
sidecar: iteration 2 of 2: 1000 of 1000 records sent, 201.4 records/s, search last, short
sidecar: iteration 3, 2 must count: 1000 of 1000 records sent, 201.4 records/s, search last
`, out.String())
}
