package episode

import (
	"slices"
	"time"
)

// RuleScore is how often a rule was right. Fired is the sum of True, False, Avoided, of Missed
// without Brief, and of the alerts that still fire and are not decided.
type RuleScore struct {
	Rule string `json:"rule"`
	// Fired counts alerts.
	Fired int `json:"fired"`
	// True counts those whose signal passed the limit later, as they said, and all of a rule
	// that does not predict.
	True int `json:"true"`
	// False counts those that ended, and the limit was not passed.
	False int `json:"false"`
	// Avoided counts those that ended without it after the run, the process or the epoch of
	// the signal ended: somebody may have repaired the cause.
	Avoided int `json:"avoided"`
	// Missed counts how often the limit was passed without a warning: alerts that fired when it
	// was passed already, and Brief.
	Missed int `json:"missed"`
	// Brief counts how often the limit was passed for less than the rule's time, so that no
	// alert fired; 0 of a rule that does not predict.
	Brief int `json:"brief"`
	// Leads are the times from the alert to the passing, in seconds, of the last maxLeads
	// true alerts. Delays say how much later than predicted the limit was passed; below 0 it
	// was earlier.
	Leads  []float64 `json:"lead_seconds"`
	Delays []float64 `json:"delay_seconds"`
	// LeadBuckets counts the leads of all true alerts up to each of LeadBounds, and LeadSum
	// is their sum in seconds, LeadCount their number.
	LeadBuckets []uint64 `json:"lead_buckets,omitempty"`
	LeadCount   uint64   `json:"lead_count,omitempty"`
	LeadSum     float64  `json:"lead_sum_seconds,omitempty"`
	// DelaySum is the sum of the delays of all true alerts in seconds.
	DelaySum float64 `json:"delay_sum_seconds,omitempty"`
}

// maxLeads bounds the stored lead times of a rule.
const maxLeads = 200

// LeadBounds are the upper bounds of the buckets of lead times, in seconds: 1 min to 4 h.
func LeadBounds() []float64 { return []float64{60, 300, 600, 1200, 1800, 3600, 7200, 14400} }

// CameTrue counts an alert whose limit was passed: lead after it fired, delay after the time
// that it predicted.
func (s *RuleScore) CameTrue(lead, delay time.Duration) {
	s.True++
	s.Leads = lastOf(append(s.Leads, lead.Seconds()))
	s.Delays = lastOf(append(s.Delays, delay.Seconds()))
	s.LeadSum += lead.Seconds()
	s.DelaySum += delay.Seconds()
	s.LeadCount++
	bounds := LeadBounds()
	if len(s.LeadBuckets) != len(bounds) {
		s.LeadBuckets = make([]uint64, len(bounds))
	}
	for i, bound := range bounds {
		if lead.Seconds() <= bound {
			s.LeadBuckets[i]++
		}
	}
}

// LeadsWithin counts the leads of all true alerts in each stretch between two of LeadBounds, and
// those above the last bound. It is nil without a true alert.
func (s *RuleScore) LeadsWithin() []uint64 {
	if s.LeadCount == 0 || len(s.LeadBuckets) != len(LeadBounds()) {
		return nil
	}
	var out []uint64
	below := uint64(0)
	for _, upTo := range append(slices.Clone(s.LeadBuckets), s.LeadCount) {
		out = append(out, upTo-below)
		below = upTo
	}
	return out
}

// Open is the number of alerts that still fire and are not decided.
func (s *RuleScore) Open() int { return s.Fired - s.True - s.False - s.Avoided - (s.Missed - s.Brief) }

func lastOf(values []float64) []float64 { return values[max(0, len(values)-maxLeads):] }
