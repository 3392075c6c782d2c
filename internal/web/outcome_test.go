package web

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestOutcome(t *testing.T) {
	finding := episode.Finding{
		Title:  "41 % of task CPU time goes into Kryo",
		Impact: &episode.Impact{LowPercent: 12.4, HighPercent: 69.4},
	}
	unbounded := episode.Finding{Title: "state grows without limit"}
	advice := func(findings ...episode.Finding) *episode.Advice { return &episode.Advice{Findings: findings} }
	round := &episode.Measurement{
		Throughput: new(1234.4),
		Hops:       []episode.Hop{{Name: episode.HopVisible, Count: 3, P50: 0.45}},
	}
	alert := episode.Alert{Rule: "epoch-changed", Summary: "parallelism 2 became 4"}
	off := []string{"the profiler is switched off (set rest.profiling.enabled: true)", "x"}
	for _, test := range []struct {
		e    episode.Episode
		want string
	}{
		{episode.Episode{State: episode.Opened, Alert: alert}, "queued"},
		{episode.Episode{State: episode.Profiling, Target: &episode.Target{Process: "tm-3"}}, "profiling tm-3"},
		{episode.Episode{State: episode.Profiling}, "profiling"},
		{episode.Episode{State: episode.Measuring}, "measuring"},
		{episode.Episode{State: episode.Advising, Advice: advice()}, "advising"},
		{
			episode.Episode{State: episode.Advising, Advice: advice(finding)},
			"41 % of task CPU time goes into Kryo (gain 12–69 %)",
		},
		{
			episode.Episode{State: episode.Announcing, Advice: advice(finding, unbounded)},
			"41 % of task CPU time goes into Kryo (gain 12–69 %), and 1 more finding",
		},
		{
			episode.Episode{State: episode.Done, Advice: advice(unbounded, finding, finding)},
			"state grows without limit, and 2 more findings",
		},
		{
			episode.Episode{State: episode.Done, Advice: advice(), Notes: off},
			"the profiler is switched off (set rest.profiling.enabled: true)",
		},
		{episode.Episode{State: episode.Announcing, Advice: advice()}, "no significant finding"},
		{
			episode.Episode{State: episode.Failed, Alert: alert, Error: "kafka: refused\n(start it)"},
			"kafka: refused (start it)",
		},
		{
			episode.Episode{State: episode.Done, Alert: alert, Measurement: round},
			"1,234 records/s, visible p50 450 ms",
		},
		{
			episode.Episode{State: episode.Done, Alert: alert, Measurement: &episode.Measurement{}},
			"parallelism 2 became 4",
		},
		{
			episode.Episode{State: episode.Done, Alert: alert, Notes: off},
			"the profiler is switched off (set rest.profiling.enabled: true)",
		},
		{episode.Episode{State: episode.Done}, "done"},
		{episode.Episode{State: episode.Failed, Error: strings.Repeat("é", 300)}, strings.Repeat("é", 199) + "…"},
	} {
		require.Equal(t, test.want, outcome(test.e))
	}
}

func TestGain(t *testing.T) {
	require.Empty(t, gain(nil))
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{8.04, 21.3, "8–21 %"},
		{1.46, 9.96, "1.5–10 %"},
		{0, 0.44, "up to 0.4 %"},
		{0.01, 3, "up to 3 %"},
		{12.2, 12.4, "12 %"},
		{100, 1900, "about 2.0 to 20 times"},
	} {
		require.Equal(t, test.want, gain(&episode.Impact{LowPercent: test.low, HighPercent: test.high}))
	}
}

func TestTextsAreBoundedAndVisible(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"a\nb", "a\nb"},
		{"abcdefgh", "abcdefgh"},
		{"abcdefghi", "abcdefg…"},
		{strings.Repeat("é", 9), strings.Repeat("é", 7) + "…"},
		{"a\x1b[31m\u202ecod", "a\ufffd[31m\ufffd…"},
		{"a\xffb", "ab"},
		{strings.Repeat("😀", 8), strings.Repeat("😀", 8)},
		{strings.Repeat("x", 1000), "xxxxxxx…"},
	} {
		require.Equal(t, test.want, clip(test.text, 8))
	}
}
