package outcome_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// TestStandingRegressions: F is fine, R a regression, A an accepted one, ? could not be judged.
// The evaluations are oldest first, and the number is the one since which it stands.
func TestStandingRegressions(t *testing.T) {
	for series, since := range map[string]int{
		"": -1, "F": -1, "?": -1, "R": 0, "FR": 1, "FRR": 1, "FR?": 1, "RF": -1, "RF?": -1, "RA": -1, "RAR": 2, "R?R": 0,
	} {
		var newestFirst []episode.Evaluation
		for i, letter := range series {
			e := evaluated(i, 1, 1, 1)
			e.Began = time.Unix(int64(i), 0)
			e.Verdict = map[rune]episode.EvaluationVerdict{
				'F': episode.EvaluationFine, 'R': episode.EvaluationRegression, 'A': episode.EvaluationRegression,
				'?': episode.EvaluationTooFew,
			}[letter]
			e.Fresh = letter == 'A'
			newestFirst = append([]episode.Evaluation{e}, newestFirst...)
		}
		got := outcome.Standing(newestFirst)
		if since < 0 {
			require.Nil(t, got, series)
			continue
		}
		require.NotNil(t, got, series)
		require.EqualValues(t, since, got.Since.Unix(), series)
	}
}
