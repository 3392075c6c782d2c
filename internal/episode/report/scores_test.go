package report

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestScoresHaveTheHistogramOfTheLeadTimes(t *testing.T) {
	t.Parallel()
	print := func(scores ...episode.RuleScore) []string {
		var out strings.Builder
		require.NoError(t, Scores(&out, scores))
		return strings.Split(strings.TrimRight(out.String(), "\n"), "\n")
	}
	quiet, right := episode.RuleScore{Rule: "quiet"}, episode.RuleScore{Rule: "headroom", Fired: 4}
	require.Len(t, print(quiet), 2, "no alert came true")
	for _, lead := range []time.Duration{2 * time.Minute, 3 * time.Minute, 20 * time.Minute, 9 * time.Hour} {
		right.CameTrue(lead, 0)
	}
	require.Equal(t, []string{
		"",
		"  LEAD TIMES  <=1m  <=5m  <=10m  <=20m  <=30m  <=1h  <=2h  <=4h  >4h",
		"    headroom     0     2      0      1      0     0     0     0    1",
	}, print(quiet, right)[3:])
}
