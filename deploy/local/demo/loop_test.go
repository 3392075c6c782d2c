package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// after is a moment of the story, in seconds after the stack was ready.
func after(seconds float64) time.Time {
	return noon.Add(time.Duration(seconds * float64(time.Second)))
}

// fullTurn is an episode in which everything went as it should.
func fullTurn() episode.Episode {
	finding := func(rank int, category, title string, impact *episode.Impact) episode.Finding {
		return episode.Finding{Rank: rank, Category: category, Title: title, Impact: impact}
	}
	return episode.Episode{
		ID: "01E1", State: episode.Done, Opened: after(100), Concluded: after(122), Finished: after(122.5),
		Alert: episode.Alert{
			Rule: "checkpoint-size", Source: episode.FromTrend, Job: jobName, StartsAt: after(100),
			Summary: "checkpoint size will pass 40 MiB in 7 min (6.9–7.1)",
		},
		Target: &episode.Target{Process: "tm-1", VertexName: "enrich orders", Why: "enrich orders holds the job back"},
		Profiles: []episode.Profile{
			{ID: "p1", Mode: "ITIMER", Process: "tm-1", Taken: after(101), Duration: 20 * time.Second, Samples: 1234},
			{ID: "p3", Mode: "VERTEX", Vertex: "v", VertexName: "enrich orders", Taken: after(107), Samples: 200},
			{
				ID: "p2", Mode: "VERTEX", Vertex: "w", VertexName: "orders to Elasticsearch: Writer",
				Taken:   after(106),
				Samples: 200,
			},
		},
		Advice: &episode.Advice{Findings: []episode.Finding{
			finding(1, "generic-serialization", "Orders are serialized by Kryo",
				&episode.Impact{LowPercent: 10, HighPercent: 25}),
			finding(2, "blocking-io", "Each record waits for an answer", nil),
			finding(3, "sink-batching", "A request per document", &episode.Impact{HighPercent: 0.9}),
		}},
		Announcements: []episode.Announcement{{Where: "grafana", ID: "7", At: after(122)}},
	}
}

// toldOf is the annotation of an episode.
func toldOf(ep episode.Episode) annotation {
	return annotation{
		ID: 7, Time: ep.Alert.StartsAt.UnixMilli(), TimeEnd: ep.Concluded.UnixMilli(),
		Tags: []string{"fsc:" + ep.ID, "flink-sidecar"}, Text: "checkpoint size will pass 40 MiB\nFirst: …",
	}
}

// change returns an edit of the one episode.
func change(edit func(*episode.Episode)) func(*evidence) {
	return func(e *evidence) { edit(&e.episodes[0]) }
}

// none removes the episode and its annotation.
func none(e *evidence) { e.turns = turns{} }

func TestStagesOfTheLoop(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*evidence)
		stage  int
		result Result // from six minutes on; before, NotReached if soon
		soon   bool
		detail string
	}{
		{
			"no trend, nothing known", none, 0, DidNot, true,
			"no rule fired; there is no trend of rule checkpoint-size yet",
		},
		{"too few samples", func(e *evidence) {
			none(e)
			e.status.Trends = []api.Trend{
				{Rule: "heap-after-gc"},
				{Rule: "checkpoint-size", Job: jobName, Samples: 4, Unknown: "too few samples for an interval"},
			}
		}, 0, DidNot, true, "no rule fired; checkpoint-size: too few samples for an interval (4 samples)"},
		{"a limit too far away", func(e *evidence) {
			none(e)
			e.status.Trends = []api.Trend{{
				Rule: "checkpoint-size", Job: jobName,
				Breach: &api.Breach{PointSeconds: 1800},
			}}
		}, 0, DidNot, true, "no rule fired; checkpoint-size would pass its limit in 30.0 min"},
		{"no limit ahead", func(e *evidence) {
			none(e)
			e.status.Trends = []api.Trend{{Rule: "checkpoint-size", Job: jobName, Samples: 12}}
		}, 0, DidNot, true, "no rule fired; checkpoint-size expects no breach (12 samples)"},
		{
			"state was repaired", func(e *evidence) { none(e); e.expected = expected{planted: []string{"kryo"}} }, 0,
			NotReached, true,
			"no rule fired; the job's state does not grow (--fixed=state)",
		},
		{
			"a light load", func(e *evidence) { none(e); e.expected.growing = false }, 0, NotReached, true,
			"no rule fired; the job's state grows too slowly (it takes a load of 75/s)",
		},
		{
			"not on /metrics", func(e *evidence) { e.reading = Reading{} }, 0, DidNot, false,
			"checkpoint-size fired, but is not among the metrics",
		},
		{
			"only Alertmanager's", change(func(ep *episode.Episode) { ep.Alert.Source = episode.FromAlertmanager }),
			0, DidNot, true,
			"no rule fired; there is no trend of rule checkpoint-size yet",
		},

		{"no alert to profile", none, 1, DidNot, true, "no alert so far"},
		{
			"no alert to come", func(e *evidence) { none(e); e.expected.growing = false }, 1, NotReached, true,
			"no alert so far",
		},
		{
			"under way", change(func(ep *episode.Episode) { ep.State, ep.Profiles = episode.Profiling, nil }), 1,
			DidNot, true, "episode 01E1 is profiling",
		},
		{
			"refused", change(func(ep *episode.Episode) {
				ep.Profiles, ep.Notes = ep.Profiles[1:], []string{"the profiler is busy (wait)"}
			}), 1, DidNot, false,
			"no profile was taken: the profiler is busy (wait)",
		},
		{
			"without a reason", change(func(ep *episode.Episode) { ep.Profiles = nil }), 1, DidNot, false,
			"no profile was taken: the episode does not say why",
		},
		{
			"switched off", func(e *evidence) { e.episodes[0].Profiles, e.expected.profiling = nil, false }, 1,
			NotReached, true, "Flink's profiler is off (--profiling)",
		},
		{
			"an empty profile", change(func(ep *episode.Episode) { ep.Profiles[0].Samples = 0 }), 1, DidNot, false,
			"the ITIMER profile of tm-1 has no samples",
		},

		{"no alert to advise on", none, 2, DidNot, true, "no alert so far"},
		{
			"no advice yet", change(func(ep *episode.Episode) { ep.Advice, ep.State = nil, episode.Advising }), 2,
			DidNot, true, "episode 01E1 is advising",
		},
		{"no advice ever", change(func(ep *episode.Episode) {
			ep.Advice, ep.State, ep.Error = nil, episode.Failed,
				"it broke"
		}), 2, DidNot, false, "no advice: it broke"},
		{
			"a planted fault not found", change(func(ep *episode.Episode) { ep.Advice.Findings = ep.Advice.Findings[:1] }), 2, DidNot, false,
			"no finding of the planted fault sink-batching (bulk); no finding of the planted fault " +
				"blocking-io (lookup)",
		},
		{"a repaired fault not found", func(e *evidence) {
			e.episodes[0].Advice.Findings, e.expected.planted = nil, []string{"state"}
		}, 2, Did, false, "no findings"},
		{"no profile to find it in", func(e *evidence) {
			e.episodes[0].Advice.Findings, e.expected.profiling = e.episodes[0].Advice.Findings[2:], false
		}, 2, Did, false, "1 finding: A request per document (below +1 %); found as planted: sink-batching"},

		{"no alert to announce", none, 3, DidNot, true, "no alert so far"},
		{"to be announced", change(func(ep *episode.Episode) {
			ep.Announcements, ep.State = nil,
				episode.Announcing
		}), 3, DidNot, true, "episode 01E1 is announcing"},
		{
			"Grafana is away", change(func(ep *episode.Episode) {
				ep.Announcements, ep.State, ep.Waiting = nil, episode.Announcing, "connection refused (start it)"
			}), 3, DidNot, true,
			"episode 01E1 is waiting: connection refused (start it)",
		},
		{
			"never announced", change(func(ep *episode.Episode) { ep.Announcements = nil }), 3, DidNot, false,
			"episode 01E1 was not announced: the episode does not say why",
		},
		{
			"given up", change(func(ep *episode.Episode) { ep.Announcements[0].Error = "no such dashboard" }), 3,
			DidNot, false,
			"episode 01E1 could not be announced: no such dashboard",
		},
		{
			"told, but not there", func(e *evidence) { e.annotations = nil }, 3, DidNot, false,
			"episode 01E1 was announced once and has 0 annotations",
		},
		{
			"told twice", func(e *evidence) { e.annotations = append(e.annotations, e.annotations[0]) }, 3, DidNot,
			false, "episode 01E1 was announced once and has 2 annotations",
		},
		{
			"told as another", func(e *evidence) { e.annotations[0].ID = 8 }, 3, DidNot, false,
			"episode 01E1 was announced as 7, but is annotation 8",
		},
		{
			"a moment", func(e *evidence) { e.annotations[0].TimeEnd = e.annotations[0].Time }, 3, DidNot, false,
			"annotation 7 is a moment, not a region",
		},
		{
			"nothing said", func(e *evidence) { e.annotations[0].Text = " " }, 3, DidNot, false,
			"annotation 7 has no text",
		},
		{
			"told, but not in history", func(e *evidence) {
				e.annotations = append(e.annotations, annotation{ID: 8, Tags: []string{"fsc:01E2"}})
			}, 3, DidNot, false,
			"annotation 8 belongs to episode 01E2, which is not in history",
		},
		{
			"the stand-in is away", func(e *evidence) { e.unread = http500 }, 3, DidNot, false,
			"the stand-in for Grafana does not answer: 500",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := good(t)
			tc.change(&e)
			require.Equal(t, Stage{stageNames[tc.stage], tc.result, tc.detail}, e.loop()[tc.stage])
			e.at = e.ready.Add(allStages - time.Second)
			if tc.soon {
				tc.result = NotReached
			}
			require.Equal(t, Stage{stageNames[tc.stage], tc.result, tc.detail}, e.loop()[tc.stage],
				"before six minutes")
		})
	}
}

var stageNames = []string{"trend", "profile", "advice", "annotation"}

const http500 = textError("500")

// textError is an error with nothing but a text.
type textError string

func (e textError) Error() string { return string(e) }

// What one alert did not find another may have.
func TestAllAlertsCount(t *testing.T) {
	e := good(t)
	second := fullTurn()
	second.ID, second.Announcements = "01E2", nil
	second.Advice = &episode.Advice{Findings: second.Advice.Findings[1:]}
	e.episodes = append(e.episodes, second)
	first := *e.episodes[0].Advice
	first.Findings = first.Findings[:1]
	e.episodes[0].Advice = &first
	require.Equal(t, Did, e.loop()[2].Result)
}

// Annotations of other origin are ignored.
func TestForeignAnnotations(t *testing.T) {
	e := good(t)
	e.annotations = append(e.annotations, annotation{ID: 8, Tags: []string{"deployment"}, Text: "v2"})
	require.Equal(t, Did, e.loop()[3].Result)
}

// The verdicts are about the alert that had the profile: a second one about the same
// vertex has none, for a while.
func TestLead(t *testing.T) {
	heap := fullTurn()
	heap.ID, heap.Profiles, heap.Alert.Rule = "01E0", nil, "heap-after-gc"
	asked := fullTurn()
	asked.ID, asked.Alert.Source = "01D9", episode.FromCLI
	full := turns{episodes: []episode.Episode{asked, heap, fullTurn()}}
	lead, ok := full.lead()
	require.True(t, ok)
	require.Equal(t, "01E1", lead.ID)

	full.episodes = full.episodes[:2]
	lead, ok = full.lead()
	require.True(t, ok)
	require.Equal(t, "01E0", lead.ID)

	full.episodes = full.episodes[:1]
	_, ok = full.lead()
	require.False(t, ok)
}
