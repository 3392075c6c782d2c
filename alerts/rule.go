package alerts

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"sync"
	"text/template"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// significance is the error probability for a significant slope and for the edges of
// its interval. A smaller value would not reduce the false alerts, because it also
// widens the interval, and the lower edge decides. The length of the window and of For
// keep noise from firing; the calibration test measures the effect of the three.
const significance = 0.01

// Rule predicts one kind of trouble: the line through a signal's window passes a limit
// within the horizon.
type Rule struct {
	Name   string
	Signal snapshot.Signal
	// Subject names the subject of the rule, in words that can begin a sentence.
	Subject string
	Scope   signal.Scope
	Unit    snapshot.Unit
	// Threshold is the limit in the signal's unit; nil is none.
	Threshold *float64
	// FractionOfMax is the limit as a fraction of the signal's maximum; 0 means none.
	FractionOfMax float64
	// MultipleOfMedian is the limit as a multiple of the signal's median in the present
	// epoch; 0 means none. Of several limits the one that is reached first applies.
	MultipleOfMedian float64
	// Below is true if the trouble is a value below the limit.
	Below bool
	// LevelOnly is true if the rule fits no line: only a value beyond the limit counts.
	LevelOnly bool
	// Horizon is how far the rule looks into the future.
	Horizon time.Duration
	// Window is the length of the past that the line is fitted to.
	Window time.Duration
	// For is how long the rule must hold without a break before it fires.
	For time.Duration
	// MinSamples is the minimum number of points for the line.
	MinSamples int
	// Stretch is a length of time of which only the lowest sample counts; 0 means that
	// all samples count.
	Stretch time.Duration

	Severity Severity
	// Symptom selects the modes of a profile; empty lets the planner decide.
	Symptom string
	// Omit are the steps that an episode of this rule leaves out.
	Omit []episode.Action

	// Match are the subjects that the rule is about, as configured.
	Match MatchConfig

	row     signal.Row
	match   matchers
	summary *template.Template // nil writes the sidecar's own sentence
	runbook *template.Template // nil is none
}

// Severity says how soon a person should look.
type Severity string

// The severities, as alerting rules of Prometheus use them.
const (
	Critical Severity = "critical"
	Warning  Severity = "warning"
	Info     Severity = "info"
)

// matchers restrict a rule to some subjects. Each is an anchored regular expression; nil
// accepts all.
type matchers struct{ cluster, job, vertex, process *regexp.Regexp }

// Matches reports whether the rule is about the subject of an observation. A vertex is
// matched by its name or its id.
func (r *Rule) Matches(o signal.Observation) bool {
	m, l := r.match, o.Labels
	return accepts(m.cluster, l.Cluster) && accepts(m.job, l.Job) && accepts(m.process, l.Process) &&
		(accepts(m.vertex, o.VertexName) || accepts(m.vertex, l.Vertex))
}

func accepts(re *regexp.Regexp, text string) bool { return re == nil || re.MatchString(text) }

// sign is -1 for a rule about a fall: its values are mirrored, so that a fall is a rise.
func (r *Rule) sign() float64 {
	if r.Below {
		return -1
	}
	return 1
}

// limit returns the limit of the given maximum and median, of which each may be unknown:
// the one that is reached first. There is none if nothing is known.
func (r *Rule) limit(most, median *float64) (limit float64, ok bool) {
	consider := func(v float64) {
		if !ok || v*r.sign() < limit*r.sign() {
			limit, ok = v, true
		}
	}
	if r.Threshold != nil {
		consider(*r.Threshold)
	}
	if r.FractionOfMax > 0 && most != nil && *most > 0 {
		consider(r.FractionOfMax * *most)
	}
	if r.MultipleOfMedian > 0 && median != nil && *median > 0 {
		consider(r.MultipleOfMedian * *median)
	}
	return limit, ok
}

// beyond reports whether a value is beyond the limit, or at it.
func (r *Rule) beyond(value, limit float64) bool { return value*r.sign() >= limit*r.sign() }

// defaultMinSamples is enough to distinguish a line's autocorrelation from a random
// walk. With fewer samples the fit assumes the worst case, and few slopes are
// significant.
const defaultMinSamples = 20

// stretchesPerWindow is the number of stretches in the window of a saw-tooth. The first
// and the current one do not count.
const stretchesPerWindow = 12

//go:embed shipped.yml
var shippedYAML []byte

// shippedConfigs are the rules that come with the sidecar. They are part of the program, so
// a fault in them is a fault of the program.
var shippedConfigs = sync.OnceValue(func() []RuleConfig {
	var rules []RuleConfig
	if err := yaml.Unmarshal(shippedYAML, &rules); err != nil {
		panic(fmt.Sprintf("shipped.yml: %v", err))
	}
	return rules
})

// ShippedNames lists the rules that come with the sidecar, in display order.
func ShippedNames() []string {
	var out []string
	for _, r := range shippedConfigs() {
		out = append(out, r.Name)
	}
	return out
}

// newRule is a rule on a signal with the general settings of the section.
func newRule(c Config, r RuleConfig) Rule {
	row, _ := signal.Lookup(r.Signal)
	rule := Rule{
		Name: r.Name, Signal: row.Name, Subject: row.Words, Scope: row.Scope, Unit: row.Unit,
		Horizon: time.Duration(c.Horizon), For: time.Duration(c.For),
		// A line through less than one stretch of a rate would be a line through one value.
		Window:     max(time.Duration(c.Window), row.Over),
		MinSamples: defaultMinSamples, Severity: Warning, row: row,
	}
	if c.MinSamples > 0 {
		rule.MinSamples = c.MinSamples
	}
	if row.SawTooth {
		rule.MinSamples, rule.Stretch = stat.MinSamples+2, rule.Window/stretchesPerWindow
	}
	r.apply(&rule)
	return rule
}

// EffectiveRules returns the enabled rules: the shipped ones with the changes of the section,
// and those that the section adds. The section must be valid.
func (c Config) EffectiveRules() []Rule {
	var out []Rule
	for _, r := range c.ruleConfigs() {
		if r.Disabled == nil || !*r.Disabled {
			out = append(out, newRule(c, r))
		}
	}
	return out
}

// ruleConfigs are the shipped rules with the changes of the section, and those that it adds.
func (c Config) ruleConfigs() []RuleConfig {
	all := slices.Clone(shippedConfigs())
	if c.ShippedRules == shippedNamed {
		all = slices.DeleteFunc(all, func(shipped RuleConfig) bool {
			return !slices.ContainsFunc(c.Rules, func(r RuleConfig) bool { return r.Name == shipped.Name })
		})
	}
	for _, change := range c.Rules {
		i := slices.IndexFunc(all, func(r RuleConfig) bool { return r.Name == change.Name })
		if i < 0 {
			all = append(all, change)
			continue
		}
		all[i] = all[i].with(change)
	}
	return all
}
