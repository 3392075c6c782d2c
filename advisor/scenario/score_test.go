package scenario

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// planted is a job whose operator "parse lines" compiles patterns in 40 of 100 samples.
func planted(t *testing.T, truth Truth) Scenario {
	t.Helper()
	profile := evidencetest.Tasks(t, "ITIMER", append(evidencetest.Flat(60),
		"com/acme/Parse.map;java/util/regex/Pattern.compile", 30,
		"com/acme/Parse.map;java/util/regex/Pattern.compile;java/util/regex/Pattern.expr", 10,
		"!java/lang/Thread.run;java/util/regex/Pattern.compile", 500)...)
	return Scenario{
		Name:   "lines",
		Answer: Answer{Title: "t", How: "h", Answer: truth},
		Bundle: evidence.Bundle{
			Bottleneck: "v1", Profiles: []evidence.Profile{profile},
			Vertices: []evidence.Vertex{{ID: "v1", Name: "parse lines", Busy: new(0.9)}},
		},
	}
}

var compiling = Truth{
	Category: []string{"regex-per-record"},
	Operator: []string{"parse lines"},
	Frames:   []string{"java.util.regex."},
	Change:   []string{"static final Pattern"},
	Beside:   []string{"json-parsing"},
	Share:    &Share{Mode: "ITIMER", Frames: []string{"java.util.regex.Pattern.compile"}},
}

// right is advice that is true of planted.
func right() episode.Advice {
	return episode.Advice{
		Findings: []episode.Finding{{
			Category: "regex-per-record", Title: "parse lines spends 40.0 % of its time compiling patterns",
			Impact: &episode.Impact{LowPercent: 20, HighPercent: 60}, Confidence: 0.8, Severity: episode.Critical,
			Evidence: []string{"E1"}, Change: "Make it a static final Pattern.",
			Why: "java.util.regex.Pattern.compile is in 40 of 100 samples of task threads at work",
		}},
		Evidence: []episode.Evidence{{
			ID: "E1", Kind: "frame", Subject: "java/util/regex/Pattern.compile", Mode: "ITIMER",
			Samples: new(int64(40)), Self: new(int64(30)), Of: new(int64(100)),
			Text: "self 30, total 40 of 100 samples; 40 of 100 (40.0 %) belong to this cause",
		}, {ID: "E2", Kind: "metric", Text: "vertex parse lines is busy 90.0 % of the time"}},
	}
}

func TestTrueAdvicePassesEveryCheck(t *testing.T) {
	t.Parallel()
	s := score(planted(t, compiling), right())
	require.Empty(t, s.Failed)
	require.Equal(t, []string{First, TopThree, Beside, Operator, Frame, Change, Headline, Gain, Recount}, s.Passed)
	require.Equal(t, Count{Samples: 40, Among: 100}, *s.Share)
	require.Equal(t, 5, s.Numbers.Recounted)
	require.Empty(t, s.Surprises())
	require.Equal(t, "ok", s.Mark(First))
	require.Equal(t, "-", s.Mark(Healthy))
}

// TestEachLieFailsItsCheck changes one thing in true advice.
func TestEachLieFailsItsCheck(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, check, says string
		lie               func(*episode.Advice, *episode.Finding)
	}{
		{"no finding", First, "no finding", func(a *episode.Advice, _ *episode.Finding) { a.Findings = nil }},
		{"another first", First, "other: guess", func(a *episode.Advice, f *episode.Finding) {
			a.Findings = []episode.Finding{{Category: "other", Title: "guess", Severity: episode.Info}, *f}
		}},
		{"fourth", TopThree, "found other, other, other, regex-per-record", func(a *episode.Advice, f *episode.Finding) {
			other := episode.Finding{Category: "other", Severity: episode.Info}
			a.Findings = []episode.Finding{other, other, other, *f}
		}},
		{"another operator", Operator, "enrich spends 40.0 %", func(_ *episode.Advice, f *episode.Finding) {
			f.Title = "enrich spends 40.0 %"
		}},
		{"another share", Headline, "parse lines: 70 %: the share is 40.0 %", func(_ *episode.Advice, f *episode.Finding) {
			f.Title = "parse lines: 70 %"
		}},
		{"no share", Headline, "parse lines is slow: the share is 40.0 %", func(_ *episode.Advice, f *episode.Finding) {
			f.Title = "parse lines is slow"
		}},
		{"no frame cited", Frame, "cited: no other frame", func(_ *episode.Advice, f *episode.Finding) {
			f.Evidence = []string{"E2"}
		}},
		{"another frame cited", Frame, "cited: com.acme.Parse.map, no other frame", func(a *episode.Advice, _ *episode.Finding) {
			a.Evidence[0] = episode.Evidence{ID: "E1", Kind: "frame", Subject: "com/acme/Parse.map"}
		}},
		{"another change", Change, "Buy memory.", func(_ *episode.Advice, f *episode.Finding) { f.Change = "Buy memory." }},
		{"too great a gain", Gain, "up to 72 %, possible are 67 %", func(_ *episode.Advice, f *episode.Finding) {
			f.Impact.HighPercent = 72
		}},
		{"what is beside", Beside, "warning, json-parsing: JSON", func(a *episode.Advice, f *episode.Finding) {
			a.Findings = []episode.Finding{*f, {Category: "json-parsing", Title: "JSON", Severity: episode.Warning}}
		}},
		{"a wrong count", Recount, "counted [total 40, self 30 of 100", func(_ *episode.Advice, f *episode.Finding) {
			f.Why = "java.util.regex.Pattern.compile is in 41 of 100 samples of task threads at work"
		}},
		{"a wrong self", Recount, "E1: java/util/regex/Pattern.compile has 40 of 100", func(a *episode.Advice, _ *episode.Finding) {
			a.Evidence[0].Self = new(int64(40))
		}},
		{"a wrong percentage", Recount, "40 of 100 (42.0 %): it is 40.0 %", func(a *episode.Advice, _ *episode.Finding) {
			a.Observations = []string{"40 of 100 (42.0 %) are of it"}
		}},
		{"a wrong busy ratio", Recount, "vertex parse lines is busy 91.0 % of the time: it is 90.0 %", func(a *episode.Advice, _ *episode.Finding) {
			a.Warnings = []string{"vertex parse lines is busy 91.0 % of the time"}
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			adv := right()
			f := adv.Findings[0]
			adv.Findings = []episode.Finding{f}
			tc.lie(&adv, &adv.Findings[0])
			s := score(planted(t, compiling), adv)
			require.Contains(t, s.Failed[tc.check], tc.says)
			require.Equal(t, "MISS", s.Mark(tc.check))
			require.Contains(t, s.Surprises(), tc.check+": "+s.Failed[tc.check])
			s.KnownMisses = map[string]string{tc.check: "a rule is missing"}
			require.NotContains(t, s.Surprises(), tc.check+": "+s.Failed[tc.check])
			require.Equal(t, "known", s.Mark(tc.check))
		})
	}
}

// TestTheFindingThatCitesIsJudged: two findings of one category differ by their evidence.
func TestTheFindingThatCitesIsJudged(t *testing.T) {
	t.Parallel()
	adv := right()
	other := episode.Finding{Category: "regex-per-record", Title: "matching, 3 %", Severity: episode.Info}
	adv.Findings = []episode.Finding{other, adv.Findings[0]}
	require.Empty(t, score(planted(t, compiling), adv).Failed)
	adv.Findings = []episode.Finding{other}
	require.Contains(t, score(planted(t, compiling), adv).Failed[Frame], "cited: no other frame")
}

// TestAnotherTrueCauseMayComeFirst, but it is not the planted one.
func TestAnotherTrueCauseMayComeFirst(t *testing.T) {
	t.Parallel()
	truth := compiling
	truth.Also = []string{"blocking-io"}
	adv := right()
	require.True(t, score(planted(t, truth), adv).PlantedFirst)
	adv.Findings = append([]episode.Finding{{Category: "blocking-io", Severity: episode.Critical}}, adv.Findings...)
	s := score(planted(t, truth), adv)
	require.Empty(t, s.Failed)
	require.False(t, s.PlantedFirst)
}

func TestAMissThatIsRepairedIsASurprise(t *testing.T) {
	t.Parallel()
	sc := planted(t, compiling)
	sc.KnownMisses = map[string]string{Headline: "it named no share"}
	require.Equal(t, []string{"headline: it passes now (remove it from known_misses)"}, score(sc, right()).Surprises())
}

func TestHealthyJobs(t *testing.T) {
	t.Parallel()
	sc := planted(t, Truth{Healthy: true})
	for name, tc := range map[string]struct {
		finding episode.Finding
		healthy bool
	}{
		"a hint":           {episode.Finding{Severity: episode.Info}, true},
		"a hint of a gain": {episode.Finding{Severity: episode.Info, Impact: &episode.Impact{HighPercent: 9.9}}, true},
		"a great gain":     {episode.Finding{Severity: episode.Info, Impact: &episode.Impact{HighPercent: 10}}, false},
		"more than a hint": {episode.Finding{Severity: episode.Warning}, false},
	} {
		s := score(sc, episode.Advice{Findings: []episode.Finding{tc.finding}})
		_, failed := s.Failed[Healthy]
		require.Equal(t, tc.healthy, !failed, name)
		require.True(t, s.Healthy)
	}
}

// TestSharesOfTheVertexThatLimits: a profile of that vertex alone comes before one of the
// process, and a profile of another vertex never counts.
func TestSharesOfTheVertexThatLimits(t *testing.T) {
	t.Parallel()
	sc := planted(t, compiling)
	profile := func(vertex string, compiling, others int) evidence.Profile {
		p := evidencetest.Tasks(t, "ITIMER", "com/acme/Parse.map;java/util/regex/Pattern.compile", compiling,
			"com/acme/Other.map", others)
		p.Vertex = vertex
		return p
	}
	share := *compiling.Share
	sc.Bundle.Profiles = append(sc.Bundle.Profiles, profile("v2", 9, 1))
	require.Equal(t, Count{40, 100}, share.Of(sc.Bundle))
	sc.Bundle.Profiles = append(sc.Bundle.Profiles, profile("v1", 3, 7))
	require.Equal(t, Count{3, 10}, share.Of(sc.Bundle))
	share.Among = []string{"com.acme.Other.", "com.acme.Parse.&java.util.regex.Pattern."}
	require.Equal(t, Count{3, 10}, share.Of(sc.Bundle))
	share.Among = []string{"com.acme.&!com.acme.Other."}
	require.Equal(t, Count{3, 3}, share.Of(sc.Bundle))
	share.Among = []string{"com.acme.Parse."}
	require.Equal(t, Count{3, 3}, share.Of(sc.Bundle))
	share.Mode = "LOCK"
	require.Equal(t, Count{}, share.Of(sc.Bundle))
	require.Zero(t, share.Of(sc.Bundle).Ratio(), "no samples are no share")
}

func TestSummary(t *testing.T) {
	t.Parallel()
	faulty, healthy := planted(t, compiling), planted(t, Truth{Healthy: true})
	wrong := episode.Advice{Findings: []episode.Finding{{Category: "other", Confidence: 0.5, Severity: episode.Info}}}
	advice := []episode.Advice{right(), wrong, wrong, {}}
	at := 0
	result := Run([]Scenario{faulty, faulty, healthy, faulty}, func(evidence.Bundle) episode.Advice {
		at++
		return advice[at-1]
	})
	s := result.Summary
	require.Equal(t, 3, s.Faults)
	require.Equal(t, 1, s.Healthy)
	require.Equal(t, 1, s.AllTrue)
	require.Equal(t, 1, s.PlantedFirst)
	require.Equal(t, 1, s.Passed[First])
	require.Equal(t, 3, s.Applied[First])
	require.Equal(t, 1, s.Applied[Headline], "only where the right finding is there")
	require.Equal(t, 4, s.Surprises)
	require.Equal(t, 5, s.Recounted)
	require.InDelta(t, (0.2*0.2+0.5*0.5)/2, s.Brier, 1e-12)
	require.InDelta(t, 0.8, s.RightConfidence, 1e-12)
	require.InDelta(t, 0.5, s.WrongConfidence, 1e-12)
}

func TestWrongAnswers(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"title: t\nhow: h\n":                                                   "category is missing",
		"title: t\nanswer: {category: [a]}\n":                                  "title and how",
		"title: t\nhow: h\nanswer: {healthy: true, category: [a]}\n":           "a healthy job has no category",
		"title: t\nhow: h\nanswer: {category: [a], share: {mode: A}}\n":        "share needs mode and frames",
		"title: t\nhow: h\nanswer: {categories: [a]}\n":                        "field categories not found",
		"title: t\nhow: h\nanswer: {healthy: true}\nknown_misses: {a: b}":      `there is no check "a" (choose from first, top3`,
		"title: t\nhow: h\nanswer: {healthy: true}\nknown_misses: {first: ''}": "first needs a reason",
		"[": "it cannot be read",
	} {
		_, err := parseAnswer([]byte(text))
		require.ErrorContains(t, err, says, text)
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, err := Open(dir)
	require.ErrorContains(t, err, "has no scenario")
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Join(dir, "mine"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(dir, "mine", name), []byte(text), 0o600))
	}
	write("note.txt", "")
	_, err = Open(dir)
	require.ErrorContains(t, err, "scenario mine: answer.yaml is missing")
	write(AnswerName, "title: t\nhow: h\nanswer: {healthy: true}\nplanted: {anything: [goes]}\n")
	_, err = Open(dir)
	require.ErrorContains(t, err, "bundle.json")
	write("bundle.json", `{"job": "mine", "profiles": []}`)
	all, err := Open(dir)
	require.NoError(t, err)
	require.Len(t, all, 1)
	require.Equal(t, "mine", all[0].Name)
	require.Equal(t, "mine", all[0].Bundle.Job)
}

// TestTolerances: five points for a share and for a gain.
func TestTolerances(t *testing.T) {
	t.Parallel()
	share := Count{Samples: 40, Among: 100}
	for title, right := range map[string]bool{
		"45.0 %": true, "45.1 %": false, "35.0 %": true, "34.9 %": false, "9 % and 41 %": true, "40": false,
	} {
		require.Equal(t, right, headline(title, share) == "", title)
	}
	for high, right := range map[float64]bool{105: true, 105.1: false, 0: true} {
		require.Equal(t, right, possible(high, 0.5) == "", "%g", high)
	}
	require.Empty(t, possible(1e9, 1), "nothing bounds it")
	require.Equal(t, "up to 70 %, possible are 25 %", possible(70, 0.2))
}

// TestRoundedNumbers may differ by half of the last digit.
func TestRoundedNumbers(t *testing.T) {
	t.Parallel()
	require.True(t, near(33.3, 33.35))
	require.False(t, near(33.3, 33.36))
	require.True(t, isRatio("1", "3", "33.3"))
	require.False(t, isRatio("1", "3", "33.5"))
	require.False(t, isRatio("0", "0", "0"))
}

// TestRecountsOfOneSentence counts each form, right and wrong.
func TestRecountsOfOneSentence(t *testing.T) {
	t.Parallel()
	sc := planted(t, compiling)
	for text, wrong := range map[string]int{
		"java.util.regex.Pattern.compile is in 40 of 100 samples of task threads at work": 0,
		"java.util.regex.Pattern.compile is in 40 of 101 samples of task threads at work": 1,
		"java.util.regex.Pattern.compile is in 30 of 100 samples of task threads at work": 1,
		"40 of 100 samples (40.0 %) are of it":                                            0, "40 of 100 samples (40.1 %) are of it": 1,
		"40.0 % of it (40 of 100)": 0, "40.2 % of it (40 of 100)": 1,
		"vertex parse lines is busy 90.0 % of the time": 0, "vertex parse lines is busy 90.2 % of the time": 1,
	} {
		n := recount(sc.Bundle, episode.Advice{Observations: []string{text}})
		require.Equal(t, 1, n.Recounted, text)
		require.Len(t, n.Wrong, wrong, text)
	}
	for text, wrong := range map[string]int{
		"self 30, total 40 of 100 samples": 0, "self 31, total 40 of 100 samples": 1, "self 30, total 41 of 100 samples": 1,
		"self 30, total 40 of 99 samples": 1,
	} {
		n := recount(sc.Bundle, episode.Advice{Evidence: []episode.Evidence{{
			ID: "E1", Subject: "java/util/regex/Pattern.compile", Mode: "ITIMER", Samples: new(int64(40)), Of: new(int64(100)), Text: text,
		}}})
		require.Equal(t, 2, n.Recounted, text)
		require.Len(t, n.Wrong, wrong, text)
	}
	require.Zero(t, recount(sc.Bundle, episode.Advice{Evidence: []episode.Evidence{{Samples: new(int64(1))}}}).Recounted)
}

// TestAFrameIsCountedByModeAndTogether: two profiles of a mode count each and as one.
func TestAFrameIsCountedByModeAndTogether(t *testing.T) {
	t.Parallel()
	profile := func(mode string, n int) evidence.Profile {
		return evidencetest.Tasks(t, mode, "com/acme/A.a", n, "com/acme/A.a;com/acme/B.b", 1)
	}
	c := newCounter(evidence.Bundle{Profiles: []evidence.Profile{profile("ITIMER", 3), profile("ITIMER", 5), profile("LOCK", 7)}})
	require.ElementsMatch(t, []frameCount{{4, 3, 4}, {6, 5, 6}, {10, 8, 10}}, c.of("ITIMER", "com/acme/A.a"))
	require.ElementsMatch(t, []frameCount{{8, 7, 8}, {8, 7, 8}}, c.of("LOCK", "com.acme.A.a"))
	require.Len(t, c.of("", "com.acme.A.a"), 5)
	require.Len(t, c.of("LOCK", "com.acme.A.a"), 2, "the second time from what was counted")
	require.ElementsMatch(t, []frameCount{{1, 1, 8}, {1, 1, 8}}, c.of("LOCK", "com.acme.B.b"))
}

// TestTablesOfModels have its name above them; that of the rules has none.
func TestTablesOfModels(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	require.NoError(t, Text(&out, []Result{{}, {Model: "m-1"}}))
	require.True(t, strings.HasPrefix(out.String(), "scenario  share"), out.String())
	require.Equal(t, 1, strings.Count(out.String(), "model "))
	require.Contains(t, out.String(), "known misses\nmodel m-1\nscenario")
}

// TestKnownMissesAndSurprisesAreCounted over all scenarios.
func TestKnownMissesAndSurprisesAreCounted(t *testing.T) {
	s := summarize([]Score{
		{KnownMisses: map[string]string{First: "a rule is missing", Change: "too"}, Failed: map[string]string{Frame: "another"}},
		{KnownMisses: map[string]string{First: "a rule is missing"}},
	})
	require.Equal(t, 3, s.KnownMisses)
	require.Equal(t, 4, s.Surprises, "one fails without being known to, three are known to and pass")
}

// TestASummaryInWords has the shares of what applied.
func TestASummaryInWords(t *testing.T) {
	t.Parallel()
	var out strings.Builder
	writeSummary(&out, Summary{Faults: 4, Passed: map[string]int{First: 1}, Applied: map[string]int{First: 4}})
	require.Contains(t, out.String(), "first     1 of 4 (25.0 %)")
	require.NotContains(t, out.String(), TopThree, "it applies to none")
}
