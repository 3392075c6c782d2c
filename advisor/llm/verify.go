package llm

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/advisor/cause"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// The reasons for dropping a claim. They are label values.
const (
	rejectCategory    = "unknown-category"
	rejectEmpty       = "empty-text"
	rejectNoEvidence  = "no-evidence"
	rejectUnknown     = "unknown-evidence"
	rejectQuote       = "wrong-quote"
	rejectNumber      = "wrong-number"
	rejectRange       = "bad-range"
	rejectUnbounded   = "unbounded-gain"
	rejectBeyond      = "beyond-bound"
	rejectMinor       = "nothing-significant"
	rejectDuplicate   = "duplicate"
	rejectTooMany     = "too-many"
	mostClaims        = 8
	mostRemarks       = 5
	boundSlack        = 0.02 // of the bound, and one percentage point: rounding
	significantImpact = cause.WarningFrom
)

func rejections() []string {
	return []string{
		rejectCategory, rejectEmpty, rejectNoEvidence, rejectUnknown, rejectQuote, rejectNumber,
		rejectRange, rejectUnbounded, rejectBeyond, rejectMinor, rejectDuplicate, rejectTooMany,
	}
}

// refusal is the reason for dropping a claim.
type refusal struct{ reason, detail string }

func refuse(reason, format string, args ...any) *refusal {
	return &refusal{reason: reason, detail: evidence.Clean(fmt.Sprintf(format, args...), evidence.MaxText)}
}

// Additions are the result of an LLM's answer: accepted claims without ranks, and
// dropped claims.
type Additions struct {
	Findings     []episode.Finding
	Observations []string
	Rejected     []episode.Rejection
}

// verifyAnswer checks each claim of an answer.
func verifyAnswer(f *cause.Facts, given Answer, source string) Additions {
	var added Additions
	for i, c := range given.Findings {
		finding, no := verify(f, c, source)
		switch {
		case no != nil:
		case i >= mostClaims:
			no = refuse(rejectTooMany, "only the first %d findings are read", mostClaims)
		case slices.ContainsFunc(added.Findings, func(other episode.Finding) bool {
			return other.Category == finding.Category && other.Title == finding.Title
		}):
			no = refuse(rejectDuplicate, "it is in the answer twice")
		default:
			added.Findings = append(added.Findings, finding)
			continue
		}
		added.reject(no, c.Title, source)
	}
	added.verifyRemarks(f, given.Observations, source)
	return added
}

func (a *Additions) reject(no *refusal, title, source string) {
	a.Rejected = append(a.Rejected, episode.Rejection{
		Reason: no.reason, Detail: no.detail,
		Title: evidence.Clean(title, maxTitle), Source: source,
	})
}

func (a *Additions) verifyRemarks(f *cause.Facts, remarks []Remark, source string) {
	for i, r := range remarks {
		no := verifyTexts(f, r.Evidence, r.Text)
		switch {
		case i >= mostRemarks:
			no = refuse(rejectTooMany, "only the first %d observations are read", mostRemarks)
		case strings.TrimSpace(r.Text) == "":
			no = refuse(rejectEmpty, "an observation without a text")
		}
		if no != nil {
			a.reject(no, r.Text, source)
			continue
		}
		a.Observations = append(a.Observations, evidence.Clean(r.Text,
			evidence.MaxText)+" ("+strings.Join(ids(r.Evidence), ", ")+"; "+source+")")
	}
}

func ids(citations []Citation) []string {
	var out []string
	for _, c := range citations {
		out = append(out, c.ID)
	}
	return cause.Unique(out)
}

// verify turns a claim into a finding if all its parts are correct.
func verify(f *cause.Facts, c Claim, source string) (episode.Finding, *refusal) {
	finding := c.finding(source)
	if !slices.Contains(cause.Categories(), finding.Category) {
		return finding, refuse(rejectCategory, "there is no category %q", c.Category)
	}
	if finding.Title == "" || finding.Why == "" || finding.Change == "" {
		return finding, refuse(rejectEmpty, "title, why or change is empty")
	}
	if !(c.Confidence >= 0 && c.Confidence <= 1) {
		return finding, refuse(rejectRange, "confidence %g is not between 0 and 1", c.Confidence)
	}
	texts := []string{c.Title, c.Why}
	if no := verifyTexts(f, c.Evidence, texts...); no != nil {
		return finding, no
	}
	impact, no := verifyGain(f, c)
	if no != nil {
		return finding, no
	}
	finding.Evidence, finding.Impact = ids(c.Evidence), impact
	finding.Confidence = min(c.Confidence, cause.SureOfHints)
	finding.Severity = episode.Info
	if impact != nil {
		finding.Severity = cause.SeverityOf(*impact)
	}
	return finding, nil
}

// verifyTexts checks that citations exist and quote correctly, and that the cited
// entries have each number of the texts.
func verifyTexts(f *cause.Facts, citations []Citation, texts ...string) *refusal {
	if len(citations) == 0 {
		return refuse(rejectNoEvidence, "it cites nothing")
	}
	var cited []episode.Evidence
	for _, c := range citations {
		e, ok := f.Book.Find(c.ID)
		if !ok {
			return refuse(rejectUnknown, "there is no evidence %q", c.ID)
		}
		if !quotes(e, c.Quote) {
			return refuse(rejectQuote, "%s does not say %q", c.ID, evidence.Clean(c.Quote, evidence.MaxSubject))
		}
		cited = append(cited, e)
	}
	for _, text := range texts {
		for _, a := range amounts(text) {
			if a.checkable() && !known(f, a, cited) {
				return refuse(rejectNumber, "%g %s is no number of %s", a.value, a.unit,
					strings.Join(ids(citations), ", "))
			}
		}
	}
	return nil
}

// known reports whether a number is in the cited entries or is a version.
func known(f *cause.Facts, a amount, cited []episode.Evidence) bool {
	if slices.ContainsFunc(cited, func(e episode.Evidence) bool { return supports(e, a) }) {
		return true
	}
	return a.unit == "" && f.Bundle.FlinkVersion != "" && strings.HasPrefix(f.Bundle.FlinkVersion, fmt.Sprint(a.value))
}

// quotes reports whether an entry contains the quoted words or the quoted number.
func quotes(e episode.Evidence, quote string) bool {
	plain := oneLine(quote)
	if plain == "" {
		return false
	}
	if strings.Contains(strings.ToLower(redact.Text(e.Subject+" "+e.Text)), plain) ||
		e.Code != "" && strings.Contains(oneLine(e.Code), plain) {
		return true
	}
	stated := amounts(quote)
	return len(stated) > 0 && !slices.ContainsFunc(stated, func(a amount) bool { return !supports(e, a) })
}

// oneLine is a text as it is sent, in lower case and without differences of spaces.
func oneLine(text string) string {
	return strings.ToLower(evidence.Clean(redact.Text(text), len(text)+len(redact.Masked)))
}

// verifyGain checks a claimed gain against the bound of the cited evidence.
func verifyGain(f *cause.Facts, c Claim) (*episode.Impact, *refusal) {
	if c.LowGain == nil && c.HighGain == nil {
		return nil, nil
	}
	if c.LowGain == nil || c.HighGain == nil || *c.LowGain < 0 || *c.LowGain > *c.HighGain ||
		math.IsInf(*c.HighGain, 0) {
		return nil, refuse(rejectRange, "a gain has a low end of at least 0 and a high end above it")
	}
	share, bounded := f.ShareOf(ids(c.Evidence))
	if !bounded {
		return nil, refuse(rejectUnbounded, "no cited evidence bounds a gain")
	}
	limit := cause.Gain(share)
	if *c.HighGain > limit*(1+boundSlack)+1 {
		return nil, refuse(rejectBeyond, "a gain of %.1f %% is more than the %.1f %% that a share of %s allows",
			*c.HighGain, limit, evidence.Percent(share))
	}
	impact := cause.AtMost(&episode.Impact{
		LowPercent:  cause.Round(*c.LowGain),
		HighPercent: cause.Round(*c.HighGain),
	}, limit)
	if impact.HighPercent >= significantImpact && !f.Remarkable() {
		return nil, refuse(rejectMinor, "nothing in this job stands out enough for a gain of %.1f %%",
			impact.HighPercent)
	}
	return impact, nil
}
