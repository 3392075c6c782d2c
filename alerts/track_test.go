package alerts

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/series"
)

// TestEdges evaluates every ten seconds. A rule must hold for 20 s before its alert
// fires, and not hold for 20 s before it ends. h means that the line heads for the
// limit, q quiet, ? unknown; F means fired, R resolved.
func TestEdges(t *testing.T) {
	for _, tc := range []struct{ name, verdicts, news string }{
		{"fires after a while", "hhhhh", "..F.."},
		{"quiet in between", "hqhhh", "....F"},
		{"unknown in between", "h?hhh", "....F"},
		{"ends after a while", "hhhqqqq", "..F..R."},
		{"heading in between", "hhhqhqqq", "..F....R"},
		{"unknown ends nothing", "hhhq????", "..F....."},
		{"the wait starts again", "hhhq?qqq", "..F....R"},
		{"fires again", "hhhqqqhhh", "..F..R..F"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			followed := &track{
				rule:   &Rule{Name: "rule", For: 20 * time.Second, Window: time.Hour},
				window: series.NewWindow(time.Hour, 1),
			}
			news := ""
			now := began
			for _, v := range tc.verdicts {
				followed.verdict = map[rune]verdict{'h': predicted, 'q': healthy, '?': unknown}[v]
				followed.offered = now
				alert, ok := followed.advance(now, 20*time.Second)
				switch {
				case !ok:
					news += "."
				case alert.Resolved():
					news += "R"
				default:
					news += "F"
				}
				now = now.Add(10 * time.Second)
			}
			require.Equal(t, tc.news, news)
		})
	}
}
