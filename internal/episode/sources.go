package episode

// The sources of alerts that come with a beginning and an end.
const (
	FromTrend        Source = "trend"        // a line through the recent past will pass a limit
	FromTrouble      Source = "trouble"      // the sidecar sees that something is wrong now
	FromAlertmanager Source = "alertmanager" // a Prometheus rule, by way of Alertmanager
)

// Resolved reports whether this alert is a resolution.
func (a Alert) Resolved() bool { return !a.ResolvedAt.IsZero() }

// Asked reports whether a person raised this alert.
func (a Alert) Asked() bool {
	return (a.Rule == RuleAsked || a.Rule == RuleScaleTest) && (a.Source == FromCLI || a.Source == FromAPI)
}

// Automatic reports whether neither a person nor a change of the job raised this alert.
func (a Alert) Automatic() bool {
	return a.Source != FromCLI && a.Source != FromAPI && a.Source != FromEpoch
}

// RuleInWords is the rule as people call it: a job was deployed, or settings changed.
func (a Alert) RuleInWords() string {
	if a.Source == FromEpoch {
		return "deployed"
	}
	return a.Rule
}

// SameOccurrence reports whether two alerts are the same firing of one alert.
func (a Alert) SameOccurrence(b Alert) bool {
	return a.Fingerprint == b.Fingerprint && a.StartsAt.Equal(b.StartsAt) &&
		(a.Fingerprint != "" || a.DedupeKey() == b.DedupeKey())
}

// SharesSubject reports whether two alerts of one job may have one cause: neither names
// another vertex or process than the other.
func (a Alert) SharesSubject(b Alert) bool {
	agree := func(x, y string) bool { return x == "" || y == "" || x == y }
	return a.JobRef() == b.JobRef() && agree(a.Vertex, b.Vertex) && agree(a.Process, b.Process) &&
		(a.Job != "" || a.Process != "" && a.Process == b.Process)
}

// RuleAsked is the rule of an alert that a person raised: nothing fired, a person
// requested a profile of the job.
const RuleAsked = "asked"

// RuleScaleTest is the rule of an alert that a scale test raised: its job is under a known,
// steady load. Alert.ScaleTest says what is asked for.
const RuleScaleTest = "scale-test"

// ScaleRequest is what a scale test asks of its episode.
type ScaleRequest struct {
	// Test is the id of the scale test.
	Test string `json:"test"`
	// Modes are Flink's names of the modes to profile in; empty are the configured ones.
	Modes []string `json:"modes,omitempty"`
	// Advise asks for advice too.
	Advise bool `json:"advise,omitempty"`
}
