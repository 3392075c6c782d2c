package alerts

import (
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// judged is whether the alert of a track was right.
type judged struct {
	// fired and expected are when the alert fired, and when it said that the limit would be
	// passed; zero while none fires.
	fired, expected time.Time
	decided         bool
	// cut is true if the run, process or epoch of the signal ended since it fired.
	cut bool
	// passing is true while the signal is beyond the limit and no alert fires.
	passing bool
}

// scores are those of the rules, by name.
type scores map[string]*episode.RuleScore

// of returns the score of a rule.
func (s scores) of(rule string) *episode.RuleScore {
	if s[rule] == nil {
		s[rule] = &episode.RuleScore{Rule: rule}
	}
	return s[rule]
}

// note counts what one evaluation says of the alert of a track. news is its alert if it
// began to fire or ended.
func (s scores) note(t *track, news episode.Alert, changed bool, now time.Time) {
	j := &t.verdictOn
	switch {
	case changed && !news.Resolved():
		s.fired(t, now)
	case changed && !j.decided && !j.fired.IsZero():
		s.ended(t)
	case !t.trend.Firing:
		s.watch(t)
	case !j.decided && t.verdict == above:
		j.decided = true
		s.of(t.rule.Name).CameTrue(now.Sub(j.fired), now.Sub(j.expected))
	}
}

// watch counts a signal that was beyond the limit and came back before its alert fired.
func (s scores) watch(t *track) {
	passing := t.verdict == above || t.verdictOn.passing && t.verdict == unknown
	if t.verdictOn.passing && !passing && !t.rule.LevelOnly {
		score := s.of(t.rule.Name)
		score.Missed++
		score.Brief++
	}
	t.verdictOn = judged{passing: passing}
}

// fired counts an alert. One that fires when the limit is passed already was no warning,
// unless its rule does not predict.
func (s scores) fired(t *track, now time.Time) {
	score := s.of(t.rule.Name)
	score.Fired++
	t.verdictOn = judged{fired: now, decided: t.verdict == above}
	switch {
	case t.verdict == above && t.rule.LevelOnly:
		score.True++
		return
	case t.verdict == above:
		score.Missed++
		return
	}
	if b := t.trend.Breach; b != nil {
		t.verdictOn.expected = expectedIn(now, b.Point)
	}
}

// maxAhead bounds the time until a breach, so that it fits a duration.
const maxAhead = 365 * 24 * time.Hour

// ended counts the end of an alert whose limit was never passed: somebody changed or
// restarted what it was about, or it was wrong.
func (s scores) ended(t *track) {
	score := s.of(t.rule.Name)
	if t.verdictOn.cut || !t.gone.IsZero() {
		score.Avoided++
	} else {
		score.False++
	}
	t.verdictOn = judged{}
}

// dropped takes back an alert of a rule that a reload removed before it was decided: it stays
// unknown whether the alert was right.
func (s scores) dropped(t *track) {
	if !t.verdictOn.decided && !t.verdictOn.fired.IsZero() {
		s.of(t.rule.Name).Fired--
	}
}

// Scores returns how often each rule was right, with a row for each rule that is on, sorted
// by name.
func (t *Trends) Scores() []episode.RuleScore {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := range t.rules {
		t.scores.of(t.rules[i].Name)
	}
	var out []episode.RuleScore
	for _, score := range t.scores {
		kept := *score
		kept.Leads = slices.Clone(score.Leads)
		kept.Delays = slices.Clone(score.Delays)
		kept.LeadBuckets = slices.Clone(score.LeadBuckets)
		out = append(out, kept)
	}
	slices.SortFunc(out, func(a, b episode.RuleScore) int { return strings.Compare(a.Rule, b.Rule) })
	return out
}

// RestoreScores continues the scores of an earlier process.
func (t *Trends) RestoreScores(earlier []episode.RuleScore) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, score := range earlier {
		// What was open then is not followed any more.
		score.Fired -= score.Open()
		t.scores[score.Rule] = &score
	}
}
