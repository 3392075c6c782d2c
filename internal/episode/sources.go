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
	return a.Rule == RuleAsked && (a.Source == FromCLI || a.Source == FromAPI)
}

// RuleAsked is the rule of an alert that a person raised: nothing fired, a person
// requested a profile of the job.
const RuleAsked = "asked"
