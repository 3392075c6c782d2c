package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

var (
	kryo = episode.Finding{
		Rank: 1, Title: "41.7 % of task CPU time goes into Kryo", Category: "generic-serialization",
		Severity: episode.Warning, Confidence: 0.63,
		Impact: &episode.Impact{LowPercent: 3.7, HighPercent: 9.6}, Evidence: []string{"E2"},
		Why: "It walks\nfields.", Change: "Register the types.", Source: "rule:kryo",
	}
	growth = episode.Finding{
		Rank: 2, Title: "State grows", Category: "state-growth", Severity: episode.Info,
		Source: "rule:state-growth",
	}
	advised = episode.Advice{
		Findings: []episode.Finding{kryo, growth},
		Evidence: []episode.Evidence{{ID: "E1", Text: "not cited"}, {ID: "E2", Text: "15 of 36 samples"}},
		Rejected: []episode.Rejection{{
			Reason: "beyond-bound", Detail: "90 % is more than 9.6 %",
			Title: "Ten times faster", Source: "llm:m",
		}},
		Warnings: []string{"only 36 samples"},
	}
)

func TestAdviceAsText(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, Advice(&out, advised))
	require.Equal(t, `1. 41.7 % of task CPU time goes into Kryo (+4 to 10 %)
  warning, generic-serialization, confidence 63 %, by rule:kryo
  Why: It walks fields.
  Change: Register the types.
  E2: 15 of 36 samples

2. State grows
  info, state-growth, confidence 0 %, by rule:state-growth

Warnings
  only 36 samples

Rejected
  Ten times faster (beyond-bound: 90 % is more than 9.6 %)

`, out.String())

	with := advised
	with.Findings = []episode.Finding{{Rank: 1, Evidence: []string{"E1"}}}
	with.Evidence = []episode.Evidence{{
		ID: "E1", Text: "Job.kt line 9 has the code", File: "a/Job.kt", Line: 9, Code: "fun f() {\n    g(\"```\")\x1b\n}",
	}}
	out.Reset()
	require.NoError(t, Advice(&out, with))
	require.Contains(t, out.String(), "  E1: Job.kt line 9 has the code\n"+
		"         9  fun f() {\n        10      g(\"```\")\ufffd\n        11  }\n")
	out.Reset()
	require.NoError(t, AdviceMarkdown(&out, with))
	require.Contains(t, out.String(), "- E1: Job.kt line 9 has the code\n\n"+
		"  ````kt\n  fun f() {\n      g(\"```\")\ufffd\n  }\n  ````\n\n", "the code does not end its block")

	out.Reset()
	require.NoError(t, AdviceMarkdown(&out, episode.Advice{}))
	require.Equal(t, "No finding: nothing in the evidence is significant.\n", out.String())

	out.Reset()
	require.NoError(t, Advice(&out, episode.Advice{Observations: []string{episode.NotJudged + ": no profile is in the evidence."}}))
	require.Contains(t, out.String(), "No finding, and the code was not judged: the observations say why.\n")
}
