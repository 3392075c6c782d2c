package outcome_test

import (
	"slices"
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
			require.Empty(t, got, series)
			continue
		}
		require.Len(t, got, 1, series)
		require.EqualValues(t, since, got[0].Since.Unix(), series)
	}
}

// regressed is the evaluation of a night that found p99 outside, and fine a later one of the same
// that judged it again.
func regressed() episode.Evaluation {
	e := evaluated(1, 1, 1, 1)
	e.Accepted, e.Verdict, e.Load = false, episode.EvaluationRegression, new(100.0)
	e.Judged = []episode.JudgedFigure{
		{Name: "throughput", WorsePercent: new(1.0)},
		{Name: "latency_p99_seconds", WorsePercent: new(100.0), Outside: true},
	}
	return e
}

func fine() episode.Evaluation {
	e := regressed()
	e.ID, e.Verdict = evaluated(2, 1, 1, 1).ID, episode.EvaluationFine
	e.Judged = []episode.JudgedFigure{{Name: "latency_p99_seconds", WorsePercent: new(0.0)}}
	return e
}

// TestWhatEndsARegression: each of these differs in one thing from an evaluation that ends it.
func TestWhatEndsARegression(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*episode.Evaluation)
		ends   bool
	}{
		"the same":                  {func(*episode.Evaluation) {}, true},
		"a branch":                  {func(e *episode.Evaluation) { e.Label = "my-branch" }, false},
		"a later version, accepted": {func(e *episode.Evaluation) { e.Label, e.Accepted = "v3", true }, true},
		"other baseline":            {func(e *episode.Evaluation) { e.BaselineLabel = "v1" }, false},
		"other kind":                {func(e *episode.Evaluation) { e.Kind, e.Accepted = episode.EvaluatedProbe, true }, false},
		"other environment":         {func(e *episode.Evaluation) { e.Fingerprint, e.Accepted = "g", true }, false},
		"other load":                {func(e *episode.Evaluation) { e.Load = new(200.0) }, false},
		"other figure":              {func(e *episode.Evaluation) { e.Judged[0].Name = "throughput" }, false},
		"too few values":            {func(e *episode.Evaluation) { e.Judged[0].WorsePercent = nil }, false},
		"not judged":                {func(e *episode.Evaluation) { e.Verdict = episode.EvaluationTooFew }, false},
		"a fresh beginning": {func(e *episode.Evaluation) {
			e.Label, e.Verdict, e.Fresh, e.Accepted = "v3", episode.EvaluationRegression, true, true
		}, true},
		"a fresh beginning elsewhere": {func(e *episode.Evaluation) {
			e.Fingerprint, e.Verdict, e.Fresh, e.Accepted = "g", episode.EvaluationRegression, true, true
		}, false},
	} {
		later := fine()
		test.change(&later)
		got := outcome.Standing([]episode.Evaluation{later, regressed()})
		require.Equal(t, test.ends, len(got) == 0, "%s: %+v", name, got)
	}
}

// TestABranchRegressesBesideTheNight: each has its own beginning, and its own end.
func TestABranchRegressesBesideTheNight(t *testing.T) {
	branch := regressed()
	branch.Label, branch.Began = "my-branch", branch.Began.Add(time.Hour)
	got := outcome.Standing([]episode.Evaluation{branch, regressed()})
	require.Len(t, got, 2)
	require.Equal(t, []string{"nightly", "my-branch"}, []string{got[0].Subject().Label, got[1].Subject().Label})
	got = outcome.Standing([]episode.Evaluation{fine(), branch, regressed()})
	require.Len(t, got, 1)
	require.Equal(t, "my-branch", got[0].Subject().Label)
	require.Equal(t, branch.Began, got[0].Since)
}

// TestAnEnvironmentThatDoesNotComeBack: a new version of Flink is no reason for an alert that never
// ends, but one evaluation elsewhere is none for its end.
func TestAnEnvironmentThatDoesNotComeBack(t *testing.T) {
	elsewhere := fine()
	elsewhere.Fingerprint = "g"
	all := []episode.Evaluation{regressed()}
	for range outcome.MinAccepted {
		all = slices.Insert(all, 0, elsewhere)
		require.Len(t, outcome.Standing(all), 1)
	}
	require.Empty(t, outcome.Standing(slices.Insert(slices.Clone(all), 0, elsewhere)))
	home := fine()
	home.Verdict = episode.EvaluationTooFew
	require.Len(t, outcome.Standing(slices.Insert(slices.Clone(all), 0, elsewhere, home)), 1, "it was at home again")
}

func TestNewestSubjects(t *testing.T) {
	branch, probe := regressed(), regressed()
	branch.Label, probe.Kind = "my-branch", episode.EvaluatedProbe
	require.Equal(t, []outcome.Subject{outcome.SubjectOf(branch), outcome.SubjectOf(probe)},
		outcome.Newest([]episode.Evaluation{branch, probe, regressed()}))
}
