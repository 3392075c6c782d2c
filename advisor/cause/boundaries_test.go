package cause

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/frame"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// stackOf returns the traits of frames, as a tally sees them.
func stackOf(rules []Rule, frames ...string) []*traits { return newTallier(rules).read(frames) }

func TestSignificantFrom(t *testing.T) {
	for _, tc := range []struct {
		k, n int64
		want bool
	}{{5, 100, true}, {5, 101, false}, {4, 80, false}, {4, 10, false}, {5, 5, true}, {50, 1000, true}, {49, 1000, false}} {
		require.Equal(t, tc.want, Significant(tc.k, tc.n), "%d of %d", tc.k, tc.n)
	}
}

func TestGainOfAShare(t *testing.T) {
	for share, want := range map[float64]float64{-1: 0, 0: 0, 0.5: 100, 0.8: 400, 0.99: 9900, 1: 9900, 2: 9900} {
		require.InDelta(t, want, Gain(share), 1e-6, "%g", share)
	}
	for percent, want := range map[float64]float64{0: 0, 9.99: 9.9, 10: 10, 10.05: 10, 0.3: 0.3} {
		require.InDelta(t, want, Round(percent), 1e-9, "%g", percent)
	}
	impact := Span{0.5, 1}.Impact(0.4, 0.5)
	require.Equal(t, episode.Impact{LowPercent: 25, HighPercent: 100}, *impact)
	require.Equal(t, episode.Impact{LowPercent: 25, HighPercent: 30}, *AtMost(impact, 30))
	require.Equal(t, episode.Impact{LowPercent: 20, HighPercent: 20}, *AtMost(impact, 20))
	require.InDelta(t, 25, Span{1, 0.5}.Impact(0.9, 0.4).LowPercent, 1e-9, "not above the high end")
	require.InDelta(t, 0.4317, AtLeastShare(50, 100), 0.02, "Wilson's interval")
}

func TestSeverityFrom(t *testing.T) {
	for high, want := range map[float64]episode.Severity{
		9.9: episode.Info, 10: episode.Warning, 49.9: episode.Warning, 50: episode.Critical,
	} {
		require.Equal(t, want, SeverityOf(episode.Impact{HighPercent: high}), "%g", high)
	}
	for share, want := range map[float64]episode.Severity{
		0.19: episode.Info, 0.2: episode.Warning, 0.49: episode.Warning, 0.5: episode.Critical,
	} {
		require.Equal(t, want, SeverityOfHint(share), "%g", share)
	}
}

// TestOffTheCPU looks at the last three frames, because libc adds up to two below a park.
func TestOffTheCPU(t *testing.T) {
	const park = "jdk/internal/misc/Unsafe.park"
	require.True(t, offCPU(stackOf(nil, park)))
	require.True(t, offCPU(stackOf(nil, park, "b")))
	require.True(t, offCPU(stackOf(nil, "a", park, "b", "c")))
	require.True(t, offCPU(stackOf(nil, "a", "b", "c", park)))
	require.False(t, offCPU(stackOf(nil, "a", park, "b", "c", "d")))
	require.False(t, offCPU(stackOf(nil, park, "b", "c", "d")))
	require.False(t, offCPU(stackOf(nil, "a")))
}

func TestATaskThatWaits(t *testing.T) {
	const sleep = "java/lang/Thread.sleep"
	require.True(t, waits(stackOf(nil, frame.LegacySource, "com/acme/Source.run", sleep)))
	require.False(t, waits(stackOf(nil, sleep, frame.LegacySource)))
	require.False(t, waits(stackOf(nil, "com/acme/Map.map", sleep)), "that is the user's own sleep")
	require.True(t, waits(stackOf(nil, frame.WaitingForWork, frame.MailboxTake)))
	require.True(t, waits(stackOf(nil, "a.b", frame.WaitingForWork, frame.MailboxTake, "a.c")))
	require.False(t, waits(stackOf(nil, frame.WaitingForWork, "a.b", frame.MailboxTake)))
	require.False(t, waits(stackOf(nil, frame.MailboxTake)))
	require.False(t, waits(stackOf(nil, frame.WaitingForWork)))
}

func TestTheUsersFrames(t *testing.T) {
	require.Equal(t, 0, lastOfUser(stackOf(nil, "com/acme/A.a", "java/io/X.write")))
	require.Equal(t, 1, lastOfUser(stackOf(nil, "com/acme/A.a", "com/acme/B.b", "java/io/X.write")))
	require.Equal(t, 2, lastOfUser(stackOf(nil, "java/io/X.write", "com/acme/A.a", "com/acme/B.b")))
	require.Equal(t, 0, lastOfUser(stackOf(nil, "java/io/X.write")), "the root, without any")
	require.Equal(t, "com.acme.B.b", ownFrame(stackOf(nil, "com/acme/A.a", "com/acme/B.b", "java/io/X.write")))
	require.Empty(t, ownFrame(stackOf(nil, "com/acme/A.a", "org/apache/flink/X.x", "java/io/X.write")))
	require.Empty(t, ownFrame(stackOf(nil, "java/io/X.write")))
}

// TestFramesAreCountedOnce: a frame that calls itself counts once in total, and by itself where it
// is on top.
func TestFramesAreCountedOnce(t *testing.T) {
	y := newTallier(nil).tally(evidencetest.Tasks(t, "ITIMER",
		"com/acme/A.a;com/acme/A.a", 3, "com/acme/A.a;com/acme/B.b", 4, "com/acme/B.b", 5))
	require.Equal(t, count{self: 3, total: 7}, y.frames["com.acme.A.a"])
	require.Equal(t, count{self: 9, total: 9}, y.frames["com.acme.B.b"])
	require.EqualValues(t, 12, y.Busy)
	require.EqualValues(t, 12, y.All)
	require.Equal(t, Own{Name: "com.acme.B.b", Samples: 9, Top: "com.acme.B.b", OnTop: 9}, y.MostOwn())
}

// TestTheMostNamed: the largest count, and of equal ones the first in the alphabet.
func TestTheMostNamed(t *testing.T) {
	require.Equal(t, "b", most(map[string]int64{"a": 1, "b": 2, "c": 1}))
	require.Equal(t, "a", most(map[string]int64{"c": 2, "a": 2, "b": 1}))
	require.Empty(t, most(nil))
}

func TestHottest(t *testing.T) {
	y := &Tally{frames: map[string]count{"a": {self: 1, total: 5}, "b": {self: 4, total: 4}, "c": {total: 9}, "d": {self: 4, total: 4}}}
	self := func(c count) int64 { return c.self }
	require.Equal(t, []string{"b", "d", "a"}, hottest(y, 9, self))
	require.Equal(t, []string{"b", "d"}, hottest(y, 2, self))
	require.Equal(t, []string{"c", "a"}, hottest(y, 2, func(c count) int64 { return c.total }))
	require.Equal(t, []string{"b", "d"}, hottest(y, 9, func(c count) int64 { return c.self / leastSelf }))
}

// examined are the facts of a job whose vertex v limits it.
func examined(rules []Rule, busy float64, profiles ...evidence.Profile) *Facts {
	return Examine(&evidence.Bundle{
		Bottleneck: "v", Vertices: []evidence.Vertex{{ID: "v", Name: "map", Busy: new(busy), BusyMax: new(busy)}},
		Profiles: profiles,
	}, rules)
}

// TestOneFrameIsRemarkableFrom a quarter of the samples by itself.
func TestOneFrameIsRemarkableFrom(t *testing.T) {
	profile := func(n int) evidence.Profile {
		return evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(400-20*(n/20)), "com/acme/A.a", n)...)
	}
	require.True(t, examined(nil, 0.9, profile(100)).Remarkable())
	require.False(t, examined(nil, 0.9, profile(98)).Remarkable())
	require.False(t, examined(nil, 0.9).Remarkable())
}

// TestAVertexIsToldByItsMethodsFrom fifty samples at work.
func TestAVertexIsToldByItsMethodsFrom(t *testing.T) {
	of := func(vertex, method string, n int) evidence.Profile {
		p := evidencetest.Tasks(t, "ITIMER", method, n)
		p.Vertex = vertex
		return p
	}
	learned := func(n int) methods {
		f := examined(nil, 0.9, of("v", "com/acme/A.a", n), of("w", "com/acme/B.b", n), of("w", "com/acme/B.c", n),
			of("x", "com/acme/B.b", n))
		return f.methods
	}
	require.Empty(t, learned(49).limit)
	m := learned(50)
	require.True(t, m.ofLimit("com.acme.A.a"))
	require.False(t, m.ofLimit("com.acme.B.b"))
	require.Equal(t, severalOthers, m.others["com.acme.B.b"], "w and x run it")
	require.Equal(t, "w", m.others["com.acme.B.c"])
	require.Equal(t, "w", m.first)
	twice := methods{limit: map[string]bool{}, others: map[string]string{}}
	twice.add("m", "w", "v")
	twice.add("m", "w", "v")
	require.Equal(t, "w", twice.others["m"], "one vertex in two profiles is one")
}

// TestAVertexCountsAsIdleBelow two percent: then its samples are not taken for those of another.
func TestAVertexCountsAsIdleBelow(t *testing.T) {
	f := func(busy *float64) *Facts {
		return &Facts{Bundle: &evidence.Bundle{Bottleneck: "v", Vertices: []evidence.Vertex{
			{ID: "v", Name: "map"}, {ID: "w", Name: "filter", Busy: busy}, {ID: "s", Name: "Source: s", Busy: new(1.0)},
		}}}
	}
	limit := evidence.Vertex{ID: "v", Name: "map"}
	require.True(t, f(new(0.02)).ambiguous(limit))
	require.False(t, f(new(0.019)).ambiguous(limit))
	require.True(t, f(nil).ambiguous(limit), "unknown is not idle")
}

// TestNamesInTitlesAreBounded to 60 characters.
func TestNamesInTitlesAreBounded(t *testing.T) {
	named := func(n int) string {
		f := &Facts{Bundle: &evidence.Bundle{Bottleneck: "v", Vertices: []evidence.Vertex{{ID: "v", Name: strings.Repeat("x", n)}}}}
		return f.Limit()
	}
	require.Equal(t, strings.Repeat("x", 60), named(60))
	require.Equal(t, strings.Repeat("x", 59)+"…", named(61))
	require.Equal(t, "the bottleneck", (&Facts{Bundle: &evidence.Bundle{}}).Limit())
}

// TestOnlyFindingsOfSamplesLoseTheirSeverity while no vertex limits the job.
func TestOnlyFindingsOfSamplesLoseTheirSeverity(t *testing.T) {
	rules := []Rule{{Name: "frames", Frames: Pattern{"a"}}, {Name: "removes", Removable: Span{0.1, 0.5}}, {Name: "memory"}}
	f := examined(rules, 0.3)
	impact := &episode.Impact{HighPercent: 20}
	findings := []episode.Finding{
		{Source: "rule:frames", Severity: episode.Warning},
		{Source: "rule:removes", Severity: episode.Warning},
		{Source: "rule:memory", Severity: episode.Warning},
		{Source: "rule:memory", Severity: episode.Warning, Impact: impact},
		{Source: "llm:x", Severity: episode.Warning},
	}
	f.Temper(findings)
	for i, want := range []episode.Severity{episode.Info, episode.Info, episode.Warning, episode.Info, episode.Info} {
		require.Equal(t, want, findings[i].Severity, "%d", i)
		require.Nil(t, findings[i].Impact, "%d", i)
		require.Equal(t, want == episode.Info, strings.HasPrefix(findings[i].Why,
			"No vertex limits the job now (map, the busiest, is busy 30.0 % of the time)"), "%d", i)
	}
	limited := []episode.Finding{{Source: "rule:frames", Severity: episode.Warning, Impact: impact}}
	examined(rules, 0.8).Temper(limited)
	require.Equal(t, []episode.Finding{{Source: "rule:frames", Severity: episode.Warning, Impact: impact}}, limited)
	unknown := &Facts{Bundle: &evidence.Bundle{Bottleneck: "v", Vertices: []evidence.Vertex{{ID: "v", Name: "map"}}}}
	require.NotContains(t, unknown.unlimited(), "map", "its busy share is not known")
}

// TestWaitingIsInferredFrom five percent of the busy time: the profile lasts 30 s, so the task is
// busy for 30 s and 2850 samples of 10 ms are 28.5 s.
func TestWaitingIsInferredFrom(t *testing.T) {
	rules := []Rule{{Name: "calls", Waits: true, Frames: Pattern{"java.net.*"}}}
	running := func(samples int) float64 {
		p := evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", samples-200, "com/acme/A.a;java/net/S.read", 200)
		return examined(rules, 1, p).Running
	}
	require.InDelta(t, 0.95, running(2850), 1e-9)
	require.InDelta(t, 1, running(2852), 1e-9)
	require.InDelta(t, 0.5, running(1500), 1e-9)
	says := func(samples int) string {
		return strings.Join(examined(nil, 1, evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", samples)).Observations, "\n")
	}
	require.Contains(t, says(1500), "it waits for something else", "half of the time")
	require.NotContains(t, says(1502), "it waits for something else")
	p := evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", 1000, "com/acme/A.a;java/net/S.read", 500)
	p.Duration = 0
	require.InDelta(t, 1, examined(rules, 1, p).Running, 1e-9, "without its duration nothing is known")
	p.Duration = 30 * time.Second
	f := Examine(&evidence.Bundle{Bottleneck: "v", Profiles: []evidence.Profile{p}, Vertices: []evidence.Vertex{
		{ID: "v", Busy: new(1.0), SubtasksOn: map[string]int{"tm-1": 2}},
	}}, rules)
	require.InDelta(t, 0.25, f.Running, 1e-9, "two subtasks are busy for 60 s")
}

// TestWaitingIsMeasured by WALL, which shows it.
func TestWaitingIsMeasured(t *testing.T) {
	f := examined(nil, 0.8,
		evidencetest.Tasks(t, "WALL", "com/acme/A.a;java/lang/Thread.sleep", 30, "com/acme/A.a", 70),
		evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", 100))
	require.InDelta(t, 0.3, f.Waited.Share, 1e-9)
	require.InDelta(t, 0.7, f.Running, 1e-9)
	share, bounded := f.ShareOf([]string{f.Waited.id})
	require.True(t, bounded)
	require.InDelta(t, 0.3, share, 1e-9, "what limits is always busy while it does")
	f = examined(nil, 0.79, evidencetest.Tasks(t, "WALL", "com/acme/A.a;java/lang/Thread.sleep", 30, "com/acme/A.a", 70))
	share, _ = f.ShareOf([]string{f.Waited.id})
	require.InDelta(t, 0.3*0.79, share, 1e-9, "nothing limits")
	alone := examined(nil, 0.8, evidencetest.Tasks(t, "WALL", "com/acme/A.a;java/lang/Thread.sleep", 30, "com/acme/A.a", 70))
	require.InDelta(t, 1, alone.Running, 1e-9, "all shares are of WALL then")
	require.Same(t, &alone.Wall, alone.WaitBasis())
}

// TestPlacesOfLocks counts a place by the user's method, and says when those of the job matter.
func TestPlacesOfLocks(t *testing.T) {
	f := examined(nil, 0.9, evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", 100), evidencetest.Tasks(t, "LOCK",
		"com/acme/A.a;com.acme.Lock", 7, "com/acme/B.b;com.acme.Lock", 9, "com/acme/B.b;com.acme.Other", 9,
		"org/apache/flink/X.x;java.lang.Object", 20, frame.WaitingForWork+";"+frame.MailboxTake+";java.lang.Object", 50))
	own, of, site := f.Contended()
	require.EqualValues(t, 25, own)
	require.EqualValues(t, 45, of)
	require.Equal(t, Site{Method: "com.acme.B.b", Class: "com.acme.Lock", Samples: 9, Of: 45}, site, "the first in the alphabet")
	s := f.sitesOf(&f.lock)
	all, mine := s.sum(Pattern{"com.acme.Lock"})
	require.EqualValues(t, 16, all)
	require.EqualValues(t, 16, mine)
	all, mine = s.sum(Pattern{"java.lang.Object"})
	require.EqualValues(t, 20, all)
	require.Zero(t, mine)
	require.EqualValues(t, 9, s.most(Pattern{"com.acme.Other"}).Samples)
	require.Zero(t, s.most(Pattern{"java.lang.Object"}))
}

// TestWaitsForLocksCountFrom a fifth of all waits, and five samples.
func TestWaitsForLocksCountFrom(t *testing.T) {
	sees := func(own, others int) bool {
		return examined(nil, 0.9, evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", 100), evidencetest.Tasks(t, "LOCK",
			"com/acme/A.a;com.acme.Lock", own, "org/apache/flink/X.x;java.lang.Object", others)).seesWaiting()
	}
	require.True(t, sees(5, 20))
	require.False(t, sees(5, 21))
	require.False(t, sees(4, 10))
}

// TestContextIsBounded: forty frames by their own time, twenty of the user's by their total, ten of
// ALLOC, sixty settings.
func TestContextIsBounded(t *testing.T) {
	var pairs, classes []any
	for i := range 70 {
		pairs = append(pairs, fmt.Sprintf("com/acme/A.a%02d", i), 5)
		classes = append(classes, fmt.Sprintf("com/acme/A.a;com.acme.C%02d", i), 5)
	}
	b := evidence.Bundle{Config: map[string]string{}, Profiles: []evidence.Profile{
		evidencetest.Tasks(t, "ITIMER", append(pairs, "com/acme/B.once", 1)...), evidencetest.Tasks(t, "ALLOC", classes...),
	}}
	for i := range 70 {
		b.Config[fmt.Sprintf("k%02d", i)] = "v"
	}
	f := Examine(&b, nil)
	f.AddContext()
	kinds := map[string]int{}
	for _, e := range f.Book.Entries {
		kinds[e.Kind+e.Mode]++
		require.NotEqual(t, "com.acme.B.once", e.Subject, "one sample can be chance")
	}
	require.Equal(t, 40, kinds["frameITIMER"])
	require.Equal(t, 10, kinds["frameALLOC"])
	require.Equal(t, 60, kinds["config"])
}

// TestWorkBesideTheTasksIsNamedFrom 15 percent.
func TestWorkBesideTheTasksIsNamedFrom(t *testing.T) {
	says := func(beside, tasks int) string {
		return strings.Join(examined(nil, 0.9, evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", tasks,
			"!start;CompileBroker::compile", beside)).Observations, "\n")
	}
	require.Contains(t, says(15, 85), "15 of 100 CPU samples of the process (15.0 %) are of the JIT compiler, beside the tasks.")
	require.NotContains(t, says(15, 86), "JIT")
}

// TestAFewSamplesAreUncertainBelow two hundred.
func TestAFewSamplesAreUncertainBelow(t *testing.T) {
	says := func(n int) string {
		return strings.Join(examined(nil, 0.9, evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", n)).Warnings, "\n")
	}
	require.Contains(t, says(199), "only 199 samples of task threads at work")
	require.NotContains(t, says(200), "samples of task threads at work")
}

// TestAMethodHoldsACauseFrom half of its samples.
func TestAMethodHoldsACauseFrom(t *testing.T) {
	rules := []Rule{{Name: "c", Frames: Pattern{"java.util.regex.*"}, What: "patterns", Parts: []Part{
		{Frames: Pattern{"java.util.regex.M.*"}, What: "matching", Change: "match less"},
	}}}
	facts := func(a, b int) *Facts {
		return examined(rules, 0.9, evidencetest.Tasks(t, "ITIMER", "com/acme/A.a;java/util/regex/M.m", a,
			"com/acme/B.b;java/util/regex/P.p", b))
	}
	f := facts(50, 50)
	require.Equal(t, ", below com.acme.A.a", f.Below(0, &f.CPU, 100))
	require.Empty(t, f.Below(0, &f.CPU, 101))
	var v Verdict
	f.namePart(&v, 0, &f.CPU)
	require.Equal(t, Verdict{Change: "match less", Why: " 50 of the 100 samples that show this cause are in matching."}, v)
	f, v = facts(49, 51), Verdict{}
	f.namePart(&v, 0, &f.CPU)
	require.Zero(t, v)
}

// TestRulesShareNoBits: the words of a set have 64 rules each.
func TestRulesShareNoBits(t *testing.T) {
	for _, n := range []int{1, 63, 64, 65, 128, 129} {
		s := newSet(n)
		require.Len(t, s, (n+63)/64)
		s.add(n - 1)
		for i := range n {
			require.Equal(t, i == n-1, s.has(i), "%d of %d", i, n)
		}
		require.False(t, s.has(n+64))
		require.Equal(t, n-1, s.first(nil))
		require.Equal(t, -1, s.first(s))
	}
}

// TestTheFirstRuleBoundsAGain as every other one does: by the samples that belong to it.
func TestTheFirstRuleBoundsAGain(t *testing.T) {
	rules := []Rule{{Name: "a", Frames: Pattern{"com.acme.A.*"}}, {Name: "b", Frames: Pattern{"com.acme.B.*"}}}
	f := examined(rules, 0.5, evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", 100, "com/acme/B.b", 60, "com/acme/C.c", 40))
	ids := []string{f.EvidenceOf(0, &f.CPU, 100), f.EvidenceOf(1, &f.CPU, 60), f.Share("other", 0.3, "another share")}
	for i, want := range []float64{0.25, 0.15, 0.3} {
		share, bounded := f.ShareOf(ids[i : i+1])
		require.True(t, bounded)
		require.InDelta(t, want, share, 1e-9, "%d", i)
	}
	share, _ := f.ShareOf(ids)
	require.InDelta(t, 0.4, share, 1e-9, "the samples of both, which are more than the other share")
	_, bounded := f.ShareOf([]string{"E99"})
	require.False(t, bounded)
}

// TestNamesInSentencesAreBounded to 200 characters.
func TestNamesInSentencesAreBounded(t *testing.T) {
	require.Equal(t, strings.Repeat("x", 200), FrameName(strings.Repeat("x", 200)))
	require.Equal(t, strings.Repeat("x", 199)+"…", FrameName(strings.Repeat("x", 201)))
}
