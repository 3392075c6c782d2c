package alerts

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// RuleConfig changes one shipped rule, by its name, or adds a rule. Absent keys do not
// change a shipped rule; in a new one they have the value of the section.
type RuleConfig struct {
	Name string `yaml:"name"`
	// Disabled switches a rule off, or one on that is shipped disabled; absent changes
	// nothing.
	Disabled *bool `yaml:"disabled"`
	// Signal is a name of the table in alerts/signal; only a new rule needs it.
	Signal snapshot.Signal `yaml:"signal"`
	Match  MatchConfig     `yaml:"match"`
	// Threshold is the limit, in the signal's unit: 60s, 512MiB, 0.9.
	Threshold string `yaml:"threshold"`
	// FractionOfMax is the limit as a fraction of the maximum, between 0 and 1.
	FractionOfMax float64 `yaml:"fraction_of_max"`
	// MultipleOfMedian is the limit as a multiple of the median of the present epoch.
	MultipleOfMedian float64 `yaml:"multiple_of_median"`
	// Direction is above or below: on which side of the limit the trouble is.
	Direction string `yaml:"direction"`
	// Predict is false for a rule that fits no line; absent is true.
	Predict *bool          `yaml:"predict"`
	Horizon model.Duration `yaml:"horizon"`
	Window  model.Duration `yaml:"window"`
	// For is how long the rule must hold; 0 fires at once, absent changes nothing.
	For        *model.Duration `yaml:"for"`
	MinSamples int             `yaml:"min_samples"`
	Severity   Severity        `yaml:"severity"`
	// Symptom is memory, waiting or working. It selects the modes of the profile.
	Symptom string        `yaml:"symptom"`
	Actions ActionsConfig `yaml:"actions"`
	// Summary and Runbook are Go templates; templates.go lists their fields.
	Summary string `yaml:"summary"`
	Runbook string `yaml:"runbook"`
}

// MatchConfig restricts a rule to some subjects, each by an anchored regular expression. An
// absent one accepts all.
type MatchConfig struct {
	Cluster string `yaml:"cluster"`
	Job     string `yaml:"job"`
	// Vertex is matched with the name and with the id of a vertex.
	Vertex string `yaml:"vertex"`
	// Process is the id of a TaskManager.
	Process string `yaml:"process"`
}

// ActionsConfig switches the steps of the episodes of a rule. Absent is on.
type ActionsConfig struct {
	Profile  *bool `yaml:"profile"`
	Annotate *bool `yaml:"annotate"`
	Advise   *bool `yaml:"advise"`
	Notify   *bool `yaml:"notify"`
}

func (a ActionsConfig) with(change ActionsConfig) ActionsConfig {
	return ActionsConfig{
		Profile: cmp.Or(change.Profile, a.Profile), Annotate: cmp.Or(change.Annotate, a.Annotate),
		Advise: cmp.Or(change.Advise, a.Advise), Notify: cmp.Or(change.Notify, a.Notify),
	}
}

// omitted lists the actions that are off.
func (a ActionsConfig) omitted() []episode.Action {
	var out []episode.Action
	for _, one := range []struct {
		action episode.Action
		on     *bool
	}{
		{episode.ActionProfile, a.Profile},
		{episode.ActionAnnotate, a.Annotate},
		{episode.ActionAdvise, a.Advise},
		{episode.ActionNotify, a.Notify},
	} {
		if one.on != nil && !*one.on {
			out = append(out, one.action)
		}
	}
	return out
}

// with returns the rule with the changes of another. A change of one limit replaces all limits of
// the rule: a shipped one that stayed could be reached first.
func (r RuleConfig) with(change RuleConfig) RuleConfig {
	if change.limited() {
		r.Threshold, r.FractionOfMax = change.Threshold, change.FractionOfMax
		r.MultipleOfMedian = change.MultipleOfMedian
	}
	r.Disabled, r.Predict = cmp.Or(change.Disabled, r.Disabled), cmp.Or(change.Predict, r.Predict)
	r.Signal = cmp.Or(change.Signal, r.Signal)
	r.Match = MatchConfig{
		cmp.Or(change.Match.Cluster, r.Match.Cluster), cmp.Or(change.Match.Job, r.Match.Job),
		cmp.Or(change.Match.Vertex, r.Match.Vertex), cmp.Or(change.Match.Process, r.Match.Process),
	}
	r.Direction, r.Symptom = cmp.Or(change.Direction, r.Direction), cmp.Or(change.Symptom, r.Symptom)
	r.Horizon, r.Window = cmp.Or(change.Horizon, r.Horizon), cmp.Or(change.Window, r.Window)
	r.For, r.MinSamples = cmp.Or(change.For, r.For), cmp.Or(change.MinSamples, r.MinSamples)
	r.Severity, r.Actions = cmp.Or(change.Severity, r.Severity), r.Actions.with(change.Actions)
	r.Summary, r.Runbook = cmp.Or(change.Summary, r.Summary), cmp.Or(change.Runbook, r.Runbook)
	return r
}

// limited reports whether the rule sets a limit.
func (r RuleConfig) limited() bool {
	return r.Threshold != "" || r.FractionOfMax != 0 || r.MultipleOfMedian != 0
}

// apply sets what the configuration says of a rule that has the defaults of its signal.
func (r RuleConfig) apply(rule *Rule) {
	if threshold, err := parseAmount(rule.Unit, r.Threshold); err == nil && r.Threshold != "" {
		rule.Threshold = &threshold
	}
	rule.FractionOfMax, rule.MultipleOfMedian = r.FractionOfMax, r.MultipleOfMedian
	rule.Below = r.Direction == directionBelow
	rule.LevelOnly = r.Predict != nil && !*r.Predict
	rule.Horizon = cmp.Or(time.Duration(r.Horizon), rule.Horizon)
	if r.For != nil {
		rule.For = time.Duration(*r.For)
	}
	if r.Window > 0 {
		rule.Window = time.Duration(r.Window)
		if rule.Stretch > 0 {
			rule.Stretch = rule.Window / stretchesPerWindow
		}
	}
	rule.MinSamples = cmp.Or(r.MinSamples, rule.MinSamples)
	if rule.LevelOnly {
		rule.MinSamples = cmp.Or(r.MinSamples, 1)
	}
	rule.Severity, rule.Symptom = cmp.Or(r.Severity, rule.Severity), r.Symptom
	rule.Omit = r.Actions.omitted()
	rule.Match = r.Match
	rule.match = matchers{
		anchored(r.Match.Cluster), anchored(r.Match.Job), anchored(r.Match.Vertex), anchored(r.Match.Process),
	}
	rule.summary, rule.runbook = parsed(r.Summary), parsed(r.Runbook)
}

// anchored compiles a regular expression that was validated; nil if there is none.
func anchored(text string) *regexp.Regexp {
	re, err := regexp.Compile("^(?:" + text + ")$")
	if text == "" || err != nil {
		return nil
	}
	return re
}

// The directions.
const (
	directionAbove = "above"
	directionBelow = "below"
)

// validate checks a rule of the section. whole is the rule with what was shipped.
func (r RuleConfig) validate(whole RuleConfig) setting.Faults {
	var faults setting.Faults
	row, known := signal.Lookup(whole.Signal)
	shipped := slices.Contains(ShippedNames(), r.Name)
	switch {
	case r.Name == "":
		faults.Add("name", "choose a name such as my-checkpoint-size", "a rule has no name")
		return faults
	case !shipped && r.Signal == "":
		faults.Add("name", "choose one of "+strings.Join(ShippedNames(), ", ")+", or give the new rule a signal",
			"there is no rule %q", r.Name)
		return faults
	case !nameForm.MatchString(r.Name):
		faults.Add("name", "write it as my-checkpoint-size", "%q has other characters than a-z, 0-9 and -", r.Name)
	case slices.Contains(FixedAlerts(), AlertName(r.Name)):
		faults.Add("name", "choose another name", "%q is the name of the alert %s, which sidecar rules writes already",
			r.Name, AlertName(r.Name))
	case shipped && r.Signal != "" && r.Signal != shippedSignal(r.Name):
		faults.Add("signal", "give the rule another name", "the shipped rule %s is about another signal", r.Name)
	}
	if !known {
		faults.Add("signal", "choose one of "+strings.Join(signal.Names(), ", "), "there is no signal %q", r.Signal)
		return faults
	}
	r.validateLimits(&faults, row, whole)
	r.validateTimes(&faults, row)
	r.validateWords(&faults)
	r.validateMatch(&faults, row)
	return faults
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9-]{0,62}$`)

func shippedSignal(name string) snapshot.Signal {
	for _, r := range shippedConfigs() {
		if r.Name == name {
			return r.Signal
		}
	}
	return ""
}

func (r RuleConfig) validateLimits(faults *setting.Faults, row signal.Row, whole RuleConfig) {
	example := exampleAmount(row.Unit)
	if r.Threshold != "" {
		value, err := parseAmount(row.Unit, r.Threshold)
		switch {
		case err != nil:
			faults.Add("threshold", "write it as "+example, "%s", err)
		case row.Share() && value > 1, row.Share() && value >= 1 && whole.Direction != directionBelow && value != 1:
			faults.Add("threshold", "choose a value up to 1, such as 0.5",
				"the rule can never fire: %s is a share and never above 1", row.Words)
		case whole.Direction == directionBelow && value <= row.Lowest():
			faults.Add("threshold", fmt.Sprintf("choose a value above %g", row.Lowest()),
				"the rule can never fire: %s is never below %g", row.Words, row.Lowest())
		case whole.Direction != directionBelow && value <= row.Lowest():
			faults.Add("threshold", fmt.Sprintf("choose a value above %g", row.Lowest()),
				"the rule always fires: %s is never below %g", row.Words, row.Lowest())
		}
	}
	if r.FractionOfMax < 0 || r.FractionOfMax > 1 {
		faults.Add("fraction_of_max", "choose a fraction such as 0.9", "%g is not between 0 and 1", r.FractionOfMax)
	}
	if r.FractionOfMax != 0 && row.Max == "" {
		faults.Add("fraction_of_max", "use threshold or multiple_of_median",
			"the rule can never fire by it: the maximum of %s is not measured", row.Words)
	}
	if m := r.MultipleOfMedian; m < 0 || m != 0 && (m < 1) != (whole.Direction == directionBelow) || m == 1 {
		faults.Add("multiple_of_median", "choose more than 1 with direction above, or less than 1 with below",
			"%g times the median is what a healthy job has", m)
	}
	if r.MultipleOfMedian != 0 && row.UsuallyZero() && whole.Threshold == "" {
		faults.Add("multiple_of_median", "add threshold, such as "+example,
			"the rule can hardly ever fire: the median of %s is 0 on a healthy job", row.Words)
	}
	limited := whole.limited()
	if !limited {
		faults.Add("", "add threshold, such as "+example, "the rule can never fire: it has no limit")
	}
	if d := r.Direction; d != "" && d != directionAbove && d != directionBelow {
		faults.Add("direction", "choose above or below", "%q is no direction", d)
	}
	if row.MoreIsBetter() && limited && (whole.Direction == "" || whole.Direction == directionAbove) {
		faults.Add("direction", "choose below", "%s above a limit is what a healthy job has", row.Words)
	}
	if row.SawTooth && whole.Direction == directionBelow {
		faults.Add("direction", "choose above", "%s is a saw-tooth, of which only the lower edge counts", row.Words)
	}
}

// headroom is the only signal that may be below 0.
const headroom snapshot.Signal = "headroom"

func (r RuleConfig) validateTimes(faults *setting.Faults, row signal.Row) {
	if r.Window != 0 {
		validateWindow(faults, "window", r.Window)
	}
	if r.For != nil {
		validateFor(faults, "for", *r.For)
	}
	if r.Predict == nil || *r.Predict {
		validateMinSamples(faults, "min_samples", r.MinSamples)
	}
	if most := stretchesPerWindow - 2; row.SawTooth && r.MinSamples > most {
		faults.Add("min_samples", fmt.Sprintf("choose at most %d", most),
			"the rule uses the lowest sample of each twelfth of its window and never has %d", r.MinSamples)
	}
	if row.Over > 0 && r.Window != 0 && time.Duration(r.Window) < row.Over {
		faults.Add("window", "choose at least "+model.Duration(row.Over).String(),
			"%s is a rate over a longer time than the window of %s", row.Words, r.Window)
	}
}

func (r RuleConfig) validateWords(faults *setting.Faults) {
	if !slices.Contains([]Severity{"", Critical, Warning, Info}, r.Severity) {
		faults.Add("severity", "choose critical, warning or info", "%q is no severity", string(r.Severity))
	}
	if !slices.Contains([]string{"", "memory", "waiting", "working"}, r.Symptom) {
		faults.Add("symptom", "choose memory, waiting or working", "%q is no symptom", r.Symptom)
	}
	for key, text := range map[string]string{"summary": r.Summary, "runbook": r.Runbook} {
		if err := checkTemplate(text); err != nil {
			faults.Add(key, "use the fields "+strings.Join(templateFields(), ", "), "%s", err)
		}
	}
	if text := r.Runbook; text != "" && !strings.HasPrefix(text, "https://") && !strings.HasPrefix(text, "http://") {
		faults.Add("runbook", "begin it with https:// or http://", "%q is no address of a page", text)
	}
}

func (r RuleConfig) validateMatch(faults *setting.Faults, row signal.Row) {
	has := map[signal.Subject][]string{
		signal.OfJob: {"cluster", "job"}, signal.OfVertex: {"cluster", "job", "vertex"},
		signal.OfProcess: {"cluster", "process"}, signal.OfProbe: {"cluster", "job"},
	}[row.Subject]
	for _, m := range []struct{ label, text string }{
		{"cluster", r.Match.Cluster}, {"job", r.Match.Job}, {"vertex", r.Match.Vertex}, {"process", r.Match.Process},
	} {
		if m.text == "" {
			continue
		}
		if _, err := regexp.Compile("^(?:" + m.text + ")$"); err != nil {
			faults.Add("match."+m.label, "write a regular expression of Go", "%s", plainRegexpError(err))
		}
		if !slices.Contains(has, m.label) {
			faults.Add("match."+m.label, "use "+strings.Join(has, ", "),
				"the rule can never fire: %s has no %s", row.Words, m.label)
		}
	}
}

func plainRegexpError(err error) string {
	return strings.ReplaceAll(err.Error(), "error parsing regexp: ", "not a regular expression: ")
}

// TooManySamples reports the rules that need more samples than there are polls in their
// window, one for each pair of numbers.
func (c Config) TooManySamples(poll time.Duration) setting.Faults {
	var faults setting.Faults
	seen := map[string]bool{}
	for _, rule := range c.EffectiveRules() {
		polls := int(rule.Window / poll)
		key := fmt.Sprint(polls, rule.MinSamples)
		if rule.Stretch > 0 || rule.LevelOnly || polls >= rule.MinSamples || seen[key] {
			continue
		}
		seen[key] = true
		faults.Add("window", "lengthen it, lower alerts.min_samples, or poll more often",
			"rule %s needs %d samples, and there are at most %d polls in %s", rule.Name, rule.MinSamples, polls, rule.Window)
	}
	return faults
}

func validateMinSamples(faults *setting.Faults, path string, samples int) {
	if samples != 0 && samples < stat.MinSamples {
		faults.Add(path, fmt.Sprintf("choose at least %d, or leave it out", stat.MinSamples),
			"%d samples are too few for an interval", samples)
	}
}
