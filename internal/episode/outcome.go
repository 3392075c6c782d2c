package episode

import (
	"slices"
	"time"
)

// Outcome compares a finding, which is a prediction, with what was measured after its change.
type Outcome struct {
	// Finding is the id of the finding.
	Finding string        `json:"finding"`
	Result  OutcomeResult `json:"result"`
	// Reason says in a sentence why it cannot be measured; empty otherwise.
	Reason string    `json:"reason,omitempty"`
	At     time.Time `json:"at"`
	// Category and Source are those of the finding, PredictedLow and PredictedHigh its
	// impact in percent, nil if it had none.
	Category      string   `json:"category"`
	Source        string   `json:"source"`
	PredictedLow  *float64 `json:"predicted_low_percent"`
	PredictedHigh *float64 `json:"predicted_high_percent"`
	// By says how the change is known: "mark" or "epoch".
	By string `json:"by"`
	// Before and After are the keys of the epochs that were compared, and Changed is when the
	// second one began.
	Before  string    `json:"epoch_before,omitempty"`
	After   string    `json:"epoch_after,omitempty"`
	Changed time.Time `json:"changed"`
	// Unit is what was compared: "block" or "deployment". UnitsBefore and UnitsAfter count
	// them.
	Unit        string `json:"unit,omitempty"`
	UnitsBefore int    `json:"units_before"`
	UnitsAfter  int    `json:"units_after"`
	// Change is the change of the throughput that the job can reach, in percent, with its
	// 95 % interval; nil if it was not measured.
	Change *float64 `json:"change_percent"`
	Low    *float64 `json:"ci_low"`
	High   *float64 `json:"ci_high"`
	// Detectable is the smallest change in percent that such a measurement finds.
	Detectable *float64 `json:"minimum_detectable_percent"`
	// Final outcomes are not measured again.
	Final bool `json:"final"`
}

// OutcomeResult is the answer to whether a prediction came true.
type OutcomeResult string

// The results. Only a hit is a success.
const (
	Hit          OutcomeResult = "hit"          // better, by as much as was predicted
	Miss         OutcomeResult = "miss"         // not better for sure, or not by as much
	Opposite     OutcomeResult = "opposite"     // worse for sure
	Unmeasurable OutcomeResult = "unmeasurable" // too little data, or too much noise
	Unattributed OutcomeResult = "unattributed" // more changed at the same time
)

// The ways in which a change is known, and the units of a comparison.
const (
	ByMark  = "mark"
	ByEpoch = "epoch"

	UnitBlock      = "block"
	UnitDeployment = "deployment"
)

// AnnouncementOf returns the announcement of the outcome of a finding or, for an empty one, of
// the episode; false if there is none.
func (e Episode) AnnouncementOf(where, finding string) (Announcement, bool) {
	at := slices.IndexFunc(e.Announcements, func(a Announcement) bool { return a.Where == where && a.Finding == finding })
	if at < 0 {
		return Announcement{}, false
	}
	return e.Announcements[at], true
}

// OutcomeOf returns the outcome of a finding; false if there is none.
func (e Episode) OutcomeOf(finding string) (Outcome, bool) {
	at := slices.IndexFunc(e.Outcomes, func(o Outcome) bool { return o.Finding == finding })
	if at < 0 {
		return Outcome{}, false
	}
	return e.Outcomes[at], true
}
