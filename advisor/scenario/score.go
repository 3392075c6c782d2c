package scenario

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// The checks of a score.
const (
	First    = "first"    // the first finding has the right category
	TopThree = "top3"     // one of the first three has
	Operator = "operator" // the headline of the right finding names the operator
	Frame    = "frame"    // its evidence has a frame of the planted work
	Headline = "headline" // a percentage in its headline is the true share
	Change   = "change"   // its change is the right one
	Gain     = "gain"     // its gain is possible
	Beside   = "beside"   // what does not limit the job is information
	Healthy  = "healthy"  // a healthy job has no finding of weight
	Recount  = "numbers"  // every number counts again
)

// Checks lists the names of all checks.
func Checks() []string {
	return []string{First, TopThree, Operator, Frame, Headline, Change, Gain, Beside, Healthy, Recount}
}

const (
	// shareTolerance is how far the percentage of a headline may be from the true share, in
	// points: rules and answers draw the border of an operator a little differently.
	shareTolerance = 5
	// gainTolerance is how far a gain may be above the bound of the true share, in points.
	gainTolerance = 5
	// weighty is the gain, in percent, from which on a finding asks for action.
	weighty = 10
)

// Score is what one piece of advice is worth.
type Score struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Healthy bool   `json:"healthy"`
	// Share is the share of the planted work; nil where no profile shows it.
	Share *Count `json:"share,omitempty"`
	// Failed says what is wrong, by check. Passed lists the checks that passed; a check in
	// neither does not apply.
	Failed map[string]string `json:"failed,omitempty"`
	Passed []string          `json:"passed"`
	// KnownMisses are the reasons for failures that are known.
	KnownMisses map[string]string `json:"known_misses,omitempty"`
	// Findings are the categories found, in rank order.
	Findings []string `json:"findings"`
	// PlantedFirst is true if the first finding has the category of the planted fault, and
	// not of what else limits the job.
	PlantedFirst bool `json:"planted_first"`
	// Confidence is that of the first finding; 0 if there is none.
	Confidence float64 `json:"confidence"`
	Numbers    Numbers `json:"numbers"`
}

// Surprises lists the checks that fail without being known to, and those that pass though
// they are known to fail.
func (s Score) Surprises() (out []string) {
	for _, check := range Checks() {
		_, failed := s.Failed[check]
		_, known := s.KnownMisses[check]
		switch {
		case failed && !known:
			out = append(out, fmt.Sprintf("%s: %s", check, s.Failed[check]))
		case known && !failed:
			out = append(out, check+": it passes now (remove it from known_misses)")
		}
	}
	return out
}

// Mark is a check in a table: ok, the kind of miss, or a dash where it does not apply.
func (s Score) Mark(check string) string {
	_, failed := s.Failed[check]
	_, known := s.KnownMisses[check]
	switch {
	case failed && known:
		return "known"
	case failed:
		return "MISS"
	case slices.Contains(s.Passed, check):
		return "ok"
	}
	return "-"
}

// score judges advice about a scenario.
func score(sc Scenario, adv episode.Advice) Score {
	s := Score{
		Name: sc.Name, Title: sc.Title, Healthy: sc.Answer.Answer.Healthy, Failed: map[string]string{},
		KnownMisses: sc.KnownMisses, Passed: []string{}, Findings: []string{}, Numbers: recount(sc.Bundle, adv),
	}
	for _, f := range adv.Findings {
		s.Findings = append(s.Findings, f.Category)
	}
	if len(adv.Findings) > 0 {
		s.Confidence = adv.Findings[0].Confidence
	}
	truth := sc.Answer.Answer
	if truth.Healthy {
		s.note(Healthy, light(adv.Findings, nil))
	} else {
		s.fault(sc, adv)
	}
	var wrong string
	if len(s.Numbers.Wrong) > 0 {
		wrong = s.Numbers.Wrong[0]
	}
	s.note(Recount, wrong)
	return s
}

// note takes down a check; an empty fault is a pass.
func (s *Score) note(check, fault string) {
	if fault == "" {
		s.Passed = append(s.Passed, check)
		return
	}
	s.Failed[check] = fault
}

// fault judges advice about a job in which something was planted.
func (s *Score) fault(sc Scenario, adv episode.Advice) {
	truth := sc.Answer.Answer
	right := rightOf(truth, adv)
	s.note(First, first(truth, adv.Findings))
	s.PlantedFirst = len(adv.Findings) > 0 && slices.Contains(truth.Category, adv.Findings[0].Category)
	if right < 0 || right > 2 {
		s.note(TopThree, fmt.Sprintf("found %s", strings.Join(s.Findings, ", ")))
	} else {
		s.note(TopThree, "")
	}
	if len(truth.Beside) > 0 {
		s.note(Beside, light(adv.Findings, truth.Beside))
	}
	if truth.Share != nil {
		s.Share = new(truth.Share.Of(sc.Bundle))
	}
	if right >= 0 {
		s.finding(sc, adv, adv.Findings[right])
	}
}

// rightOf returns the index of the finding of what was planted: the first of a right category
// that cites a frame of it or, if none does, the first of a right category; -1 if there is none.
func rightOf(truth Truth, adv episode.Advice) int {
	category := -1
	for i, f := range adv.Findings {
		if !slices.Contains(truth.Category, f.Category) {
			continue
		}
		if len(truth.Frames) == 0 || uncited(adv, f, truth.Frames) == "" {
			return i
		}
		if category < 0 {
			category = i
		}
	}
	return category
}

func first(truth Truth, findings []episode.Finding) string {
	switch {
	case len(findings) == 0:
		return "no finding"
	case slices.Contains(slices.Concat(truth.Category, truth.Also), findings[0].Category):
		return ""
	}
	return fmt.Sprintf("%s: %s", findings[0].Category, findings[0].Title)
}

// light returns the first finding of weight, of the categories or, with nil, of any.
func light(findings []episode.Finding, categories []string) string {
	for _, f := range findings {
		heavy := f.Severity != episode.Info || f.Impact != nil && f.Impact.HighPercent >= weighty
		if heavy && (categories == nil || slices.Contains(categories, f.Category)) {
			return fmt.Sprintf("%s, %s: %s", f.Severity, f.Category, f.Title)
		}
	}
	return ""
}

// finding judges the finding of what was planted.
func (s *Score) finding(sc Scenario, adv episode.Advice, f episode.Finding) {
	truth := sc.Answer.Answer
	if len(truth.Operator) > 0 {
		s.note(Operator, lacks(f.Title, truth.Operator))
	}
	if len(truth.Frames) > 0 {
		s.note(Frame, uncited(adv, f, truth.Frames))
	}
	if len(truth.Change) > 0 {
		s.note(Change, lacks(f.Change, truth.Change))
	}
	if s.Share == nil {
		return
	}
	s.note(Headline, headline(f.Title, *s.Share))
	if truth.Share.Mode == "ITIMER" && f.Impact != nil {
		s.note(Gain, possible(f.Impact.HighPercent, s.Share.Ratio()))
	}
}

// lacks returns a text that holds none of the names.
func lacks(text string, names []string) string {
	for _, name := range names {
		if strings.Contains(strings.ToLower(text), strings.ToLower(name)) {
			return ""
		}
	}
	return text
}

// uncited says that no frame of a finding's evidence has one of the prefixes.
func uncited(adv episode.Advice, f episode.Finding, prefixes []string) string {
	var cited []string
	for _, e := range adv.Evidence {
		if e.Kind != "frame" || !slices.Contains(f.Evidence, e.ID) {
			continue
		}
		frame := strings.ReplaceAll(e.Subject, "/", ".")
		if holdsAny([]string{frame}, prefixes) {
			return ""
		}
		cited = append(cited, frame)
	}
	return "cited: " + strings.Join(append(cited, "no other frame"), ", ")
}

var percentage = regexp.MustCompile(`(\d+(?:\.\d+)?) %`)

// headline says that no percentage of a title is the true share.
func headline(title string, share Count) string {
	for _, m := range percentage.FindAllStringSubmatch(title, -1) {
		if math.Abs(number(m[1])-100*share.Ratio()) <= shareTolerance {
			return ""
		}
	}
	return fmt.Sprintf("%s: the share is %.1f %%", title, 100*share.Ratio())
}

// possible says that a gain is above the bound of the share: 1/(1−s) − 1.
func possible(high, share float64) string {
	bound := math.Inf(1)
	if share < 1 {
		bound = 100 * (1/(1-share) - 1)
	}
	if high <= bound+gainTolerance {
		return ""
	}
	return fmt.Sprintf("up to %.0f %%, possible are %.0f %%", high, bound)
}
