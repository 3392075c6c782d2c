package annotations

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/grafana"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestAnnouncementSaysWhatToDoFirst(t *testing.T) {
	t.Parallel()
	advice := episode.Advice{Findings: []episode.Finding{
		{
			Rank: 1, Title: "41.7 % of task CPU time goes into Kryo",
			Impact: &episode.Impact{LowPercent: 3.7, HighPercent: 9.6},
			Change: "Register the types.",
		},
		{Rank: 2, Title: "State grows"},
	}}
	ep := episode.Episode{
		ID: "01ABC",
		Alert: episode.Alert{
			Rule:    "checkpoint-size",
			Summary: "checkpoint size will pass 40 MiB in 6.8 min (4.7–12)",
		},
		Advice: &advice,
		Profiles: []episode.Profile{
			{Mode: "ITIMER", Process: "tm-1", Samples: 708},
			{Mode: "VERTEX", Vertex: "v1", VertexName: "enrich", Samples: 200},
		},
		Notes: []string{"profiling: it was profiled not long ago (wait)"},
	}
	require.Equal(t, `checkpoint size will pass 40 MiB in 6.8 min (4.7–12)
First: 41.7 % of task CPU time goes into Kryo (+4 to 10 %). Register the types.
And 1 more.
Profile: ITIMER of tm-1, 708 samples.
Profile: VERTEX of enrich, 200 samples.
profiling: it was profiled not long ago (wait)`, announcement(ep))

	ep.Triggers = []episode.Alert{{Rule: "checkpoint-duration", Summary: "checkpoint duration is 2 min, above 60 s"}}
	require.Contains(t, announcement(ep), "And 1 more.\nAlso: checkpoint duration is 2 min, above 60 s.\nProfile")
	ep.Triggers = nil

	ep.Advice, ep.Alert.Summary, ep.Profiles, ep.Notes = &episode.Advice{}, "", nil, nil
	require.Equal(t, "checkpoint-size\nNo finding: nothing in the evidence is "+
		"significant.", announcement(ep))
}

func TestWhatGrafanaMayGetOver(t *testing.T) {
	t.Parallel()
	failed := func(status int, cause error) error {
		return &grafana.Error{Op: "posting", Status: status, Cause: cause}
	}
	for name, test := range map[string]struct {
		err    error
		waited time.Duration
		want   bool
	}{
		"away":                        {failed(502, nil), 0, true},
		"a token that is refused":     {failed(401, grafana.ErrAuth), time.Hour, true},
		"a token file that is empty":  {failed(0, grafana.ErrNoToken), time.Hour, true},
		"a proxy's page":              {failed(404, grafana.ErrNotGrafana), time.Hour, true},
		"a locked database":           {failed(500, nil), time.Hour, true},
		"a dashboard that is not":     {failed(500, nil), 7 * time.Hour, false},
		"an annotation it won't have": {failed(400, nil), 0, false},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, test.want, mayPass(test.err, test.waited)) })
	}
}
