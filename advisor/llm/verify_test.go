package llm

import (
	"fmt"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/evidencetest"
)

// half are facts with a share of one half in E1, which allows a gain of 100 percent. One frame
// stands out if remarkable is set.
func half(t *testing.T, remarkable bool) *cause.Facts {
	t.Helper()
	b := &evidence.Bundle{FlinkVersion: "2.3.0"}
	if remarkable {
		b.Profiles = []evidence.Profile{evidencetest.Tasks(t, "ITIMER", "com/acme/A.a", 500)}
	}
	f := cause.Examine(b, nil)
	f.Book = evidence.NewBook()
	require.Equal(t, "E1", f.Share("share", 0.5, "the share is 50.0 %"))
	return f
}

// claim is one that is right.
func claim() Claim {
	return Claim{
		Category: "other", Title: "title", Why: "why", Change: "change", Confidence: 0.5,
		Evidence: []Citation{{ID: "E1", Quote: "50.0 %"}},
	}
}

// reasonFor is why a claim is dropped, empty if it is not.
func reasonFor(f *cause.Facts, change func(*Claim)) (finding episode.Finding, reason string) {
	c := claim()
	change(&c)
	finding, no := verify(f, c, "llm:m")
	if no != nil {
		reason = no.reason
	}
	return finding, reason
}

func TestClaimsAtTheirBounds(t *testing.T) {
	gain := func(low, high float64) func(*Claim) {
		return func(c *Claim) { c.LowGain, c.HighGain = &low, &high }
	}
	for i, tc := range []struct {
		change func(*Claim)
		want   string
	}{
		{func(*Claim) {}, ""},
		{func(c *Claim) { c.Confidence = 0 }, ""},
		{func(c *Claim) { c.Confidence = 1 }, ""},
		{func(c *Claim) { c.Confidence = -0.01 }, rejectRange},
		{func(c *Claim) { c.Confidence = 1.01 }, rejectRange},
		{func(c *Claim) { c.Confidence = math.NaN() }, rejectRange},
		{func(c *Claim) { c.Category = "x" }, rejectCategory},
		{func(c *Claim) { c.Title = "" }, rejectEmpty},
		{func(c *Claim) { c.Why = "" }, rejectEmpty},
		{func(c *Claim) { c.Change = "" }, rejectEmpty},
		{func(c *Claim) { c.Evidence = nil }, rejectNoEvidence},
		{func(c *Claim) { c.Evidence[0].ID = "E2" }, rejectUnknown},
		{func(c *Claim) { c.Evidence[0].Quote = "" }, rejectQuote},
		{func(c *Claim) { c.Evidence[0].Quote = "60 %" }, rejectQuote},
		{func(c *Claim) { c.Evidence[0].Quote = "THE  SHARE" }, ""},
		{func(c *Claim) { c.Evidence[0].Quote = "about 50 %" }, ""},
		{func(c *Claim) { c.Evidence[0].Quote = "50 % and 60 %" }, rejectQuote},
		{func(c *Claim) { c.Why = "60 % of it" }, rejectNumber},
		{func(c *Claim) { c.Title = "50 % of it" }, ""},
		{func(c *Claim) { c.Why = "use 12 fields" }, ""},
		{func(c *Claim) { c.Why = "since Flink 2.3" }, ""},
		{func(c *Claim) { c.Why = "since Flink 2.4" }, rejectNumber},
		{func(c *Claim) { c.Why = "2.3 s" }, rejectNumber},
		{gain(0, 0), ""},
		{gain(50, 50), ""},
		{gain(50, 49), rejectRange},
		{gain(-1, 5), rejectRange},
		{gain(0, math.Inf(1)), rejectRange},
		{func(c *Claim) { c.LowGain = new(1.0) }, rejectRange},
		{func(c *Claim) { c.HighGain = new(1.0) }, rejectRange},
		{gain(20, 103), ""},
		{gain(20, 103.1), rejectBeyond},
	} {
		_, got := reasonFor(half(t, true), tc.change)
		require.Equal(t, tc.want, got, "%d", i)
	}
	finding, _ := reasonFor(half(t, true), gain(20, 103))
	require.Equal(t, &episode.Impact{LowPercent: 20, HighPercent: 100}, finding.Impact, "at most what the share allows")
	require.Equal(t, episode.Critical, finding.Severity)
	finding, _ = reasonFor(half(t, true), func(c *Claim) { c.Confidence = 1 })
	require.InDelta(t, cause.SureOfHints, finding.Confidence, 1e-12)
	require.Equal(t, episode.Info, finding.Severity)

	_, got := reasonFor(half(t, false), gain(0, 9.9))
	require.Empty(t, got)
	_, got = reasonFor(half(t, false), gain(0, 10))
	require.Equal(t, rejectMinor, got, "nothing stands out")
	f := half(t, true)
	f.Book.Metric("rate", 50, "records", "the rate is 50 records")
	_, got = reasonFor(f, func(c *Claim) { c.Evidence = []Citation{{"E2", "50"}}; gain(1, 2)(c) })
	require.Equal(t, rejectUnbounded, got)
}

// TestOnlySoManyClaims: eight findings and five observations.
func TestOnlySoManyClaims(t *testing.T) {
	var given Answer
	for i := range 10 {
		c := claim()
		c.Title = fmt.Sprintf("title %c", 'a'+i)
		given.Findings = append(given.Findings, c)
		given.Observations = append(given.Observations, Remark{Text: fmt.Sprintf("text %c", 'a'+i), Evidence: c.Evidence})
	}
	added := verifyAnswer(half(t, true), given, "llm:m")
	require.Len(t, added.Findings, 8)
	require.Len(t, added.Observations, 5)
	require.Len(t, added.Rejected, 7)
	require.Equal(t, "text a (E1; llm:m)", added.Observations[0])
	for _, no := range added.Rejected {
		require.Equal(t, rejectTooMany, no.Reason)
	}
	twice := Answer{Findings: []Claim{claim(), claim()}}
	other := claim()
	other.Category = "regex-per-record"
	twice.Findings = append(twice.Findings, other)
	added = verifyAnswer(half(t, true), twice, "llm:m")
	require.Len(t, added.Findings, 2)
	require.Equal(t, rejectDuplicate, added.Rejected[0].Reason)
	added = verifyAnswer(half(t, true), Answer{Observations: []Remark{{Text: " ", Evidence: claim().Evidence}}}, "llm:m")
	require.Equal(t, rejectEmpty, added.Rejected[0].Reason)
}

// TestAnswersAreReadToTheirBounds: a text of the greatest length, and the last of a hundred objects.
func TestAnswersAreReadToTheirBounds(t *testing.T) {
	padded := func(n int) string { return oneFinding + fmt.Sprintf("%*s", n-len(oneFinding), "") }
	_, err := parseAnswer(padded(maxAnswer))
	require.NoError(t, err)
	_, err = parseAnswer(padded(maxAnswer + 1))
	require.ErrorContains(t, err, "more than 262144")
	objects := func(n int) (text string) {
		for range n {
			text += "{} "
		}
		return text
	}
	given, err := parseAnswer(objects(99) + oneFinding)
	require.NoError(t, err)
	require.Len(t, given.Findings, 1)
	_, err = parseAnswer(objects(100) + oneFinding)
	require.ErrorContains(t, err, "it has no findings")
}

// TestHintsByStatus: only a refusal of the request makes another model worth a try.
func TestHintsByStatus(t *testing.T) {
	for status, want := range map[int]string{
		399: "try later, or look at the server's log", 400: "look at the server's log, or try another model",
		499: "look at the server's log, or try another model", 500: "try later, or look at the server's log",
	} {
		require.Equal(t, want, (&OpenAI{}).hint(status, fault{}, ""), "%d", status)
	}
}

// TestRefusedRequests: only these statuses mean that the request itself is wrong.
func TestRefusedRequests(t *testing.T) {
	for status, want := range map[int]bool{400: true, 422: true, 501: true, 401: false, 404: false, 429: false, 500: false} {
		require.Equal(t, want, isRequest(status), "%d", status)
	}
	require.Equal(t, "temperature", fault{param: "body.temperature.x"}.blames([]string{"max_tokens", "temperature"}))
	require.Empty(t, fault{param: "top_p", message: "temperature"}.blames([]string{"temperature"}))
	require.Equal(t, "temperature", fault{message: "no temperature here"}.blames([]string{"max_tokens", "temperature"}))
	require.Empty(t, fault{message: "max_tokens exceeds"}.blames([]string{"max_tokens"}))
	require.True(t, fault{code: "x"}.isStated())
	require.True(t, fault{param: "x"}.isStated())
	require.False(t, fault{message: "x"}.isStated())
}
