package groupdiff_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/groupdiff"
)

func TestText(t *testing.T) {
	r := groupdiff.Report{
		Base: groupdiff.Side{Profiles: 4, Samples: 199_999}, New: groupdiff.Side{Profiles: 5, Samples: 300_000}, Tested: 10,
		Frames: []groupdiff.Frame{
			{Name: "a|b`", Category: "regex", BasePercent: 1, NewPercent: 3, Points: 2, DetectablePoints: 0.5, Verdict: flame.Grown},
			{Name: "old", BasePercent: 2, Points: -2, Verdict: flame.Gone},
			{Name: "part", NewPercent: 1, Points: 1, Verdict: flame.Appeared, Moved: "whole"},
			{Name: "whole", BasePercent: 2, NewPercent: 1, Points: -1, Verdict: flame.Shrunk, Moved: "whole"},
			{Name: "same", Verdict: flame.Unchanged},
		},
	}
	var b strings.Builder
	require.NoError(t, r.Text(&b))
	for _, says := range []string{
		"4 profiles with 199999 samples, then 5 with 300000", "+2.00        0.50", "gone", "part (see whole)",
		"whole (to or from what it calls)", "~ 6 of 10 frames", "three of four",
	} {
		require.Contains(t, b.String(), says)
	}
	b.Reset()
	require.NoError(t, r.Markdown(&b))
	require.Contains(t, b.String(), "| `a\\|b'` | 1.00 % | 3.00 % | +2.00 | 0.50 | grown |")
	require.Contains(t, b.String(), "The cost of 2 more frames only moved")
	require.NotContains(t, b.String(), "part")

	require.NotContains(t, b.String(), "CPU")

	r.Cost(nil, new(50.0))
	require.Nil(t, r.New.CPUPerMillion, "of one side only")
	r.Cost(new(40.0), new(50.0))
	b.Reset()
	require.NoError(t, r.Text(&b))
	require.Contains(t, b.String(), "+2.00       0.4       1.5        0.50")
	require.Contains(t, b.String(), "for a million records, 40 then 50.")
	b.Reset()
	require.NoError(t, r.Markdown(&b))
	require.Contains(t, b.String(), "| `a\\|b'` | 1.00 % | 3.00 % | +2.00 | 0.4 | 1.5 | 0.50 | grown |")

	r.Base.Samples = 200_000
	b.Reset()
	require.NoError(t, r.Text(&b))
	require.NotContains(t, b.String(), "three of four")
	require.NotContains(t, b.String(), "0.50")
	b.Reset()
	require.NoError(t, groupdiff.Report{Tested: 7}.Markdown(&b))
	require.Contains(t, b.String(), "None of 7 frames.")
}
