package web

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/html"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// oneEpisode is a history that has one episode.
type oneEpisode episode.Episode

func (h oneEpisode) Episodes(episode.JobRef, string, int) ([]episode.Episode, error) {
	return []episode.Episode{episode.Episode(h)}, nil
}

func (h oneEpisode) Episode(string) (episode.Episode, bool, error) {
	return episode.Episode(h), true, nil
}

func (oneEpisode) Measurements(episode.JobRef, string, time.Time, time.Time, int) ([]episode.Measurement, error) {
	return nil, nil
}

func renderEpisode(t *testing.T, e episode.Episode) *html.Node {
	t.Helper()
	response := get(t, handlerOf(fullStatus, oneEpisode(e)), "GET", "/episodes/"+idAt(1))
	require.Equal(t, http.StatusOK, response.Code)
	page, err := html.Parse(response.Body)
	require.NoError(t, err)
	return page
}

// sections returns the texts of the parts of a page, by id.
func sections(t *testing.T, page *html.Node) map[string]string {
	t.Helper()
	out := map[string]string{}
	for n := range element(t, page, "main").ChildNodes() {
		if n.Type == html.ElementNode {
			out[n.Attr[0].Val] = text(n)
		}
	}
	return out
}

func at(seconds float64) time.Time { return start.Add(time.Duration(seconds * float64(time.Second))) }

func announced() episode.Episode {
	return episode.Episode{
		ID: idAt(1), State: episode.Announcing, Opened: start, Concluded: at(33), EpochKey: "e1",
		Alert: episode.Alert{
			Rule: "checkpoint-size", Source: episode.FromTrend, Cluster: "local", Job: "orders", Vertex: "v1",
			StartsAt: at(-120),
			Summary:  "checkpoint size will pass 512 MiB in 22 min (15–34)",
		},
		Target: &episode.Target{Vertex: "v2", VertexName: "Enrich", Process: "tm-3", Why: "it is the busiest"},
		Profiles: []episode.Profile{
			{
				Mode: "ITIMER", Process: "tm-3", Taken: at(1), Duration: 30 * time.Second, Samples: 2000,
				Warnings: []string{"few samples"},
				Role:     episode.Control, Grade: "poor", Hash: strings.Repeat("0a", 32),
				Hot: []episode.HotFrame{
					{Name: "java/lang/Thread.run", Total: 2000},
					{Name: "b", Self: 500, Total: 600},
					{Name: "c"},
					{Name: "d"},
					{Name: "e"},
					{Name: "f"},
					{Name: "g"},
					{Name: "h"},
					{Name: "i", Self: 10, Total: 10},
				},
			},
			{Mode: "VERTEX", Vertex: "v2", VertexName: "Enrich", Taken: at(31.4), Duration: 2 * time.Second},
		},
		Advice: &episode.Advice{
			Findings: []episode.Finding{
				{
					ID: idAt(1) + "-F1", Rank: 1, Title: "41 % go into Kryo", Category: "generic-serialization",
					Severity: episode.Critical, Confidence: 0.85,
					Impact: &episode.Impact{LowPercent: 8.2, HighPercent: 21}, Evidence: []string{"E2", "E9"},
					Source: "rule:kryo",
					Why:    "It is slow.", Change: "Use POJOs.", TradeOffs: "Migrate state.",
				},
				{
					Rank: 2, Title: "State grows", Category: "state-growth", Severity: episode.Warning,
					Confidence: 0.5,
					Evidence:   []string{"E1"}, Source: "llm:qwen", Why: "No TTL.",
				},
			},
			Evidence: []episode.Evidence{
				{
					ID: "E1", Kind: "metric", Subject: "checkpoint_size", Value: new(160000.0), Unit: "bytes/s",
					Text: "grows by 9 MiB a minute",
				},
				{
					ID: "E2", Kind: "frame", Subject: "KryoSerializer.copy", Value: new(0.412), Unit: "ratio",
					Text: "KryoSerializer.copy is in 824 of 2000 samples",
				},
				{
					ID: "E4", Kind: "source", Subject: "Job.run", Text: "Job.java line 7 has the code of Job.run", Line: 7,
					Code: "void run() {\n    a<b>(\"\x1b\");\n}",
				},
				{ID: "E3", Kind: "config", Subject: "state.backend.type", Text: "state.backend.type: hashmap"},
			},
			Rejected: []episode.Rejection{{
				Reason: "beyond-bound", Detail: "at most 12 %", Title: "Use RocksDB",
				Source: "llm:qwen",
			}},
			Observations: []string{"The sink idles."}, Warnings: []string{"The LLM was slow."},
		},
		Marks: []episode.Mark{{
			Finding: idAt(1) + "-F1", Decision: episode.Rejected, At: at(86400), Note: "the library <needs> Kryo",
		}},
		Outcomes: []episode.Outcome{{
			Finding: idAt(1) + "-F1", Result: episode.Hit, PredictedLow: new(8.2), PredictedHigh: new(21.0), Change: new(12.0),
			Low: new(4.0), High: new(20.0), Detectable: new(9.0), Unit: episode.UnitBlock, UnitsBefore: 14, UnitsAfter: 10,
			Final: true,
		}},
		Notes: []string{"profile of tm-4: it was gone (take another)"}, Waiting: "grafana: refused (start it)",
	}
}

// noProfile is the verdict on an episode without findings and profiles.
const noProfile = "No finding. No profile was taken, so the code was not judged; below is what was observed."

func TestEpisodePage(t *testing.T) {
	require.Equal(t, map[string]string{
		"why": "checkpoint size will pass 512 MiB in 22 min " +
			"(15–34) State announcing Rule checkpoint-size Raised by trend " +
			"Job orders Vertex Source Cluster local Opened 2026-03-01 12:00:00 UTC Took 1 h so far",
		"notices": "Waiting for Grafana: grafana: refused " +
			"(start it) Note: profile of tm-4: it was gone (take another)",
		"findings": "Findings 1 41 % go into Kryo critical gain 8.2–21 % 85 % sure generic-serialization rule kryo " +
			"Rejected 2026-03-02 12:00:00 UTC: the library <needs> Kryo Why It is slow. Change Use POJOs. Trade-offs Migrate state. " +
			"PredictedMeasuredOutcome 8.2–21 %+12 % (+4 to +20), seen from 9 % 14 and 10 blocks hit " +
			"Mark as applied Mark as rejected Evidence: 2 facts E2 KryoSerializer.copy is in 824 of 2000 samples 41 % E9 unknown 2 " +
			"State grows warning gain not measurable 50 % sure state-growth LLM qwen Why No TTL. " +
			"Evidence: 1 fact E1 checkpoint_size grows by 9 MiB a minute 156 KiB/s",
		"profiles": "Profiles tm-3, which runs Enrich: it is the busiest ITIMER of tm-3 " +
			"(control), 2,000 samples in 30 s, quality poor; flame graph in a new tab, file Warning: few samples " +
			"SelfTotalFrame 0 %100 % java/lang/Thread.run 25 %30 % b 0 %0 % c 0 %0 % d 0 %0 % e 0 %0 % f 0 %0 % g " +
			"0 %0 % h " +
			"1 more frame SelfTotalFrame 0.5 %0.5 % i VERTEX of Enrich, no samples in 2 s It has no frames to show.",
		"evidence": "Further evidence Warnings The LLM was slow. Observations The sink idles. " +
			"Dropped: 1 claim without enough evidence Use RocksDB: beyond-bound, at most 12 % llm:qwen " +
			"Evidence that no finding cites: 2 facts E4 Job.java line 7 has the code of Job.run void run() { a<b>(\"\ufffd\"); } E3 state.backend.type: hashmap",
		"timeline": "Timeline 11:58:00 −2 min The alert began 12:00:00 0 s Episode opened 12:00:01 +1 s ITIMER " +
			"profile of tm-3, 30 s " +
			"12:00:31 +31 s VERTEX profile of Enrich, 2 s 12:00:33 +33 s Advice complete: 2 findings now waiting " +
			"for Grafana",
		"elsewhere": "Elsewhere Commands sidecar history show " + idAt(1) + " sidecar advise --episode=" + idAt(1) +
			" sidecar history mark " + idAt(1) + "-F1 applied JSON /api/v1/episodes/" + idAt(1) +
			" As of 2026-03-01T13:00:00Z",
	}, sections(t, renderEpisode(t, announced())))
}

func TestPageOfProbeRound(t *testing.T) {
	page := renderEpisode(t, episode.Episode{
		ID: idAt(1), State: episode.Failed, Opened: start, Finished: at(61), Error: "kafka: refused (start it)",
		Alert: episode.Alert{
			Rule: "probe-round", Source: episode.FromCLI, Job: "orders", StartsAt: start, ResolvedAt: at(62),
		},
		Measurement: &episode.Measurement{
			Kind: episode.KindRound, Began: at(1), Ended: at(60), Warnings: []string{"too few records"},
			Hops: []episode.Hop{{Name: "visible", Count: 2, P50: 0.5, P99: 0.7, Max: 0.8}},
			Accounts: []episode.Account{{
				Sink: "search", Intended: 2,
				Outcomes: map[episode.RecordOutcome]int64{episode.Late: 2},
			}},
		},
	})
	require.Equal(t, map[string]string{
		"why": "probe-round State failed Rule probe-round Raised by CLI Job orders Opened 2026-03-01 12:00:00 " +
			"UTC Took 61 s Alert ended 2026-03-01 12:01:02 UTC",
		"notices": "It failed: kafka: refused (start it)",
		"measurement": "Measurement Throughput unknown From 12:00:01 To 12:01:00 Warning: too few records " +
			"Latency from send " +
			"HopRecordsp50p99Highest visible2 500 ms700 ms800 ms Records by outcome: intended is the sum of the " +
			"six columns after it. " +
			"SinkIntendedNot sentProduce failedPendingOn timeLateLostAdds upDuplicatesReorderedSeen after lostSeen after " +
			"failed search2 000020 yes 0unknown00",
		"timeline":  "Timeline 12:00:00 0 s Episode opened 12:01:00 +1 min Measured 12:01:01 +1 min 1 s Failed",
		"elsewhere": "Elsewhere Commands sidecar history show " + idAt(1) + " JSON /api/v1/episodes/" + idAt(1),
	}, sections(t, page))
}

func TestVerdictAndNews(t *testing.T) {
	some := &episode.Advice{Findings: []episode.Finding{{Title: "x"}}}
	none := &episode.Advice{}
	grafana := func(id, failure string) []episode.Announcement {
		return []episode.Announcement{{Where: "grafana", ID: id, At: at(2), Error: failure}}
	}
	for _, test := range []struct {
		e                    episode.Episode
		verdict, last, title string
	}{
		{episode.Episode{State: episode.Opened}, "", "now queued", "profile requested"},
		{
			episode.Episode{State: episode.Profiling, Target: &episode.Target{Process: "tm-1"}},
			"No advice yet.",
			"now profiling tm-1", "profile requested",
		},
		{
			episode.Episode{State: episode.Advising, Advice: some},
			"Findings of the rules only; the LLM may add more.",
			"now advising", "profile requested",
		},
		{
			episode.Episode{State: episode.Advising, Advice: none},
			"The rules have no significant finding; the LLM may add some.", "now advising", "profile requested",
		},
		{episode.Episode{State: episode.Announcing, Advice: some}, "", "now being announced", "profile requested"},
		{
			episode.Episode{State: episode.Done, Advice: none, Announcements: grafana("7", "")},
			noProfile, "12:00:02 +2 s Announced to grafana, as 7", "profile requested",
		},
		{
			episode.Episode{State: episode.Done, Advice: none, Announcements: grafana("", "")},
			noProfile, "12:00:02 +2 s Announced to grafana", "profile requested",
		},
		{episode.Episode{State: episode.Done, Advice: some, Announcements: grafana("",
			"forbidden (renew the token)")}, "", "12:00:02 +2 s Not announced to grafana", "profile requested"},
		{episode.Episode{State: episode.Failed, Target: &episode.Target{}}, "No advice: the episode failed before " +
			"this step.", "12:00:00 0 s Episode opened", "profile of orders requested"},
		{
			episode.Episode{State: episode.Done, Target: &episode.Target{}},
			"No advice.",
			"12:00:00 0 s Episode opened", "profile of orders requested",
		},
	} {
		test.e.ID, test.e.Opened, test.e.Alert.Rule = idAt(1), start, episode.RuleAsked
		if strings.Contains(test.title, "orders") {
			test.e.Alert.Job = "orders"
		}
		parts := sections(t, renderEpisode(t, test.e))
		if test.verdict == "" {
			require.NotContains(t, parts["findings"], "advice")
		} else {
			require.Equal(t, "Findings "+test.verdict,
				strings.TrimSuffix(parts["findings"], " 0 x gain not measurable 0 % sure"))
		}
		require.True(t, strings.HasSuffix(parts["timeline"], test.last), parts["timeline"])
		require.True(t, strings.HasPrefix(parts["why"], test.title), parts["why"])
	}
}

// The page of an unfinished episode updates itself; that of an ended one does not.
func TestEpisodePageReloadsUntilItsEnd(t *testing.T) {
	for state, reloads := range map[episode.State]bool{
		episode.Profiling: true, episode.Announcing: true,
		episode.Done: false, episode.Failed: false,
	} {
		body := get(t, handlerOf(fullStatus, oneEpisode{ID: idAt(1), State: state, Opened: start}), "GET",
			"/episodes/"+idAt(1)).Body.String()
		require.Equal(t, reloads, strings.Contains(body, "static/page.js"), state)
		require.Equal(t, reloads, strings.Contains(body, "http-equiv=\"refresh\""), state)
		require.Equal(t, reloads, strings.Contains(body, `id="asof"`), state)
		require.Equal(t, !reloads, strings.Contains(body, `<main id="main" data-final>`), state)
	}
}

func TestMessages(t *testing.T) {
	for _, test := range []struct {
		history    History
		path, want string
		status     int
		home       string
	}{
		{
			emptyHistory{},
			"/nothing", "Page not found The address is wrong, or its content no longer exists.", 404,
			"./",
		},
		{
			emptyHistory{},
			"/a/b%2Fc/d", "Page not found The address is wrong, or its content no longer exists.", 404,
			"../.././",
		},
		{
			emptyHistory{},
			"/episodes/7", "Page not found The address is wrong, or its content no longer exists.", 404,
			".././",
		},
		{emptyHistory{}, "/episodes/" + idAt(3), "This episode does not exist The history has no episode " +
			idAt(3) + ": it is older than the retention, or of another sidecar.", 404, ".././"},
		{brokenHistory{}, "/episodes/" + idAt(3), "History cannot be read disk on fire (put it out)", 500, ".././"},
	} {
		response := get(t, handlerOf(fullStatus, test.history), "GET", test.path)
		require.Equal(t, test.status, response.Code)
		page, err := html.Parse(response.Body)
		require.NoError(t, err)
		require.Equal(t, test.want+" Present state · All episodes", text(element(t, page, "message")))
		require.Contains(t, hrefsOf(page), test.home)
		require.Equal(t, "text/html; charset=utf-8", response.Header().Get("Content-Type"))
	}
}

func TestSubjectOfProfile(t *testing.T) {
	for _, test := range []struct {
		p    episode.Profile
		want string
	}{
		{episode.Profile{Mode: "ITIMER", Process: "tm-3"}, "tm-3"},
		{episode.Profile{Mode: "VERTEX", Vertex: "v2", VertexName: "Enrich"}, "Enrich"},
		{episode.Profile{Mode: "VERTEX", Vertex: "v2"}, "v2"},
		{episode.Profile{Mode: "VERTEX"}, "all processes of the vertex"},
	} {
		require.Equal(t, test.want, subject(test.p))
	}
}
