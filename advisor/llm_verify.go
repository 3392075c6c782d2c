package advisor

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// The reasons for which a claim is dropped. They are label values.
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
	remarkableSelf    = 0.25 // a single frame with this much self time is significant
	significantImpact = warningFrom
)

func rejections() []string {
	return []string{
		rejectCategory, rejectEmpty, rejectNoEvidence, rejectUnknown, rejectQuote, rejectNumber,
		rejectRange, rejectUnbounded, rejectBeyond, rejectMinor, rejectDuplicate, rejectTooMany,
	}
}

// refusal is why a claim is dropped.
type refusal struct{ reason, detail string }

func refuse(reason, format string, args ...any) *refusal {
	return &refusal{reason: reason, detail: clean(fmt.Sprintf(format, args...), maxText)}
}

// merge verifies an answer and adds what holds to adv: after the findings that
// are there, whose numbers stay as they are.
func (f *facts) merge(adv *episode.Advice, given answer, source string) {
	var added []episode.Finding
	for i, c := range given.Findings {
		finding, no := f.verify(c, source)
		switch {
		case no != nil:
		case i >= mostClaims:
			no = refuse(rejectTooMany, "only the first %d findings are read", mostClaims)
		case slices.ContainsFunc(added, func(other episode.Finding) bool {
			return other.Category == finding.Category && other.Title == finding.Title
		}):
			no = refuse(rejectDuplicate, "it is in the answer twice")
		default:
			added = append(added, finding)
			continue
		}
		adv.Rejected = append(adv.Rejected, episode.Rejection{Reason: no.reason, Detail: no.detail, Title: clean(c.Title, maxTitle), Source: source})
	}
	rank(added)
	number(added, f.bundle.Episode, len(adv.Findings)+1)
	adv.Findings = append(adv.Findings, added...)
	f.mergeRemarks(adv, given.Observations, source)
}

func (f *facts) mergeRemarks(adv *episode.Advice, remarks []remark, source string) {
	for i, r := range remarks {
		no := f.verifyTexts(r.Evidence, r.Text)
		switch {
		case i >= mostRemarks:
			no = refuse(rejectTooMany, "only the first %d observations are read", mostRemarks)
		case strings.TrimSpace(r.Text) == "":
			no = refuse(rejectEmpty, "an observation without a text")
		}
		if no != nil {
			adv.Rejected = append(adv.Rejected, episode.Rejection{Reason: no.reason, Detail: no.detail, Title: clean(r.Text, maxTitle), Source: source})
			continue
		}
		adv.Observations = append(adv.Observations, clean(r.Text, maxText)+" ("+strings.Join(ids(r.Evidence), ", ")+"; "+source+")")
	}
}

func ids(citations []citation) []string {
	var out []string
	for _, c := range citations {
		out = append(out, c.ID)
	}
	return unique(out)
}

// verify turns a claim into a finding if all of it holds.
func (f *facts) verify(c claim, source string) (episode.Finding, *refusal) {
	finding := c.finding(source)
	if !slices.Contains(categories, finding.Category) {
		return finding, refuse(rejectCategory, "there is no category %q", c.Category)
	}
	if finding.Title == "" || finding.Why == "" || finding.Change == "" {
		return finding, refuse(rejectEmpty, "title, why or change is empty")
	}
	if !(c.Confidence >= 0 && c.Confidence <= 1) {
		return finding, refuse(rejectRange, "confidence %g is not between 0 and 1", c.Confidence)
	}
	texts := []string{c.Title, c.Why}
	if no := f.verifyTexts(c.Evidence, texts...); no != nil {
		return finding, no
	}
	impact, no := f.verifyGain(c)
	if no != nil {
		return finding, no
	}
	finding.Evidence, finding.Impact = ids(c.Evidence), impact
	finding.Confidence = min(c.Confidence, sureOfHints)
	finding.Severity = episode.Info
	if impact != nil {
		finding.Severity = severityOf(*impact)
	}
	return finding, nil
}

// verifyTexts checks that citations exist and quote rightly, and that each
// number in texts is one of the cited entries'.
func (f *facts) verifyTexts(citations []citation, texts ...string) *refusal {
	if len(citations) == 0 {
		return refuse(rejectNoEvidence, "it cites nothing")
	}
	var cited []episode.Evidence
	for _, c := range citations {
		e, ok := f.book.find(c.ID)
		if !ok {
			return refuse(rejectUnknown, "there is no evidence %q", c.ID)
		}
		if !quotes(e, c.Quote) {
			return refuse(rejectQuote, "%s does not say %q", c.ID, clean(c.Quote, maxSubject))
		}
		cited = append(cited, e)
	}
	for _, text := range texts {
		for _, a := range amounts(text) {
			if a.checkable() && !f.known(a, cited) {
				return refuse(rejectNumber, "%g %s is no number of %s", a.value, a.unit, strings.Join(ids(citations), ", "))
			}
		}
	}
	return nil
}

// known says whether a number is one of the cited entries', or a version.
func (f *facts) known(a amount, cited []episode.Evidence) bool {
	if slices.ContainsFunc(cited, func(e episode.Evidence) bool { return supports(e, a) }) {
		return true
	}
	return a.unit == "" && f.bundle.FlinkVersion != "" && strings.HasPrefix(f.bundle.FlinkVersion, fmt.Sprint(a.value))
}

// quotes says whether an entry has what was quoted from it: the same words, or
// the same number.
func quotes(e episode.Evidence, quote string) bool {
	plain := strings.ToLower(clean(redact(quote), maxText))
	if plain == "" {
		return false
	}
	if strings.Contains(strings.ToLower(redact(e.Subject+" "+e.Text)), plain) {
		return true
	}
	stated := amounts(quote)
	return len(stated) > 0 && !slices.ContainsFunc(stated, func(a amount) bool { return !supports(e, a) })
}

// verifyGain checks a claimed gain against the bound of what it cites.
func (f *facts) verifyGain(c claim) (*episode.Impact, *refusal) {
	if c.LowGain == nil && c.HighGain == nil {
		return nil, nil
	}
	if c.LowGain == nil || c.HighGain == nil || *c.LowGain < 0 || *c.LowGain > *c.HighGain || math.IsInf(*c.HighGain, 0) {
		return nil, refuse(rejectRange, "a gain has a low end of at least 0 and a high end above it")
	}
	share, bounded := f.shareOf(ids(c.Evidence))
	if !bounded {
		return nil, refuse(rejectUnbounded, "no cited evidence bounds a gain")
	}
	limit := gain(share)
	if *c.HighGain > limit*(1+boundSlack)+1 {
		return nil, refuse(rejectBeyond, "a gain of %.1f %% is more than the %.1f %% that a share of %s allows", *c.HighGain, limit, percent(share))
	}
	impact := atMost(&episode.Impact{LowPercent: round(*c.LowGain), HighPercent: round(*c.HighGain)}, limit)
	if impact.HighPercent >= significantImpact && !f.remarkable() {
		return nil, refuse(rejectMinor, "nothing in this job stands out enough for a gain of %.1f %%", impact.HighPercent)
	}
	return impact, nil
}

// remarkable says whether anything in the bundle stands out: a rule fired for a
// gain worth a word, or one frame alone takes much of the time.
func (f *facts) remarkable() bool {
	if f.notable {
		return true
	}
	if f.basis == nil {
		return false
	}
	for _, c := range f.basis.frames {
		if float64(c.self) >= remarkableSelf*float64(f.basis.busy) {
			return true
		}
	}
	return false
}

// shareOf is the share of the bottleneck's time that the cited entries stand
// for together. What several frames have in common counts once; time off the
// CPU comes on top of time on it; of other shares the largest counts.
func (f *facts) shareOf(cited []string) (share float64, bounded bool) {
	frames, belongs := map[string]bool{}, map[int]bool{}
	var direct, waited float64
	for _, id := range cited {
		limit, ok := f.book.bounds[id]
		switch {
		case !ok:
			continue
		case limit.frame != "":
			frames[limit.frame] = true
		case limit.rule >= 0:
			belongs[limit.rule] = true
		case f.waited != nil && id == f.waited.id:
			waited = limit.share
		default:
			direct = max(direct, limit.share)
		}
		bounded = true
	}
	sampled := f.sampled(frames, belongs) * f.busy * f.running
	return max(direct, waited+sampled), bounded
}

// sampled is the share of the basis's samples with one of these frames, or
// belonging to one of these rules.
func (f *facts) sampled(frames map[string]bool, belongs map[int]bool) float64 {
	if f.basis == nil || len(frames)+len(belongs) == 0 {
		return 0
	}
	var n int64
	for _, p := range f.basis.profiles {
		for stack, k := range p.Stacks {
			if k > 0 && f.reader.shows(stack, frames, belongs, f.released) {
				n += k
			}
		}
	}
	return float64(n) / float64(f.basis.busy)
}
