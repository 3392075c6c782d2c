package episode

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Decision is what people did with a finding.
type Decision string

// The decisions. A finding without one is open.
const (
	Applied  Decision = "applied"
	Rejected Decision = "rejected"
)

// MaxNote is the maximum size of a [Mark]'s note in bytes: a sentence or two. All notes of an
// episode are in lists, and in what an LLM is sent.
const MaxNote = 500

// Mark is what people say of a finding. It is a claim, not a measurement.
type Mark struct {
	// Finding is the id of the finding.
	Finding  string    `json:"finding"`
	Decision Decision  `json:"decision"`
	At       time.Time `json:"at"`
	// Note says why, in the words of a person; empty for none.
	Note string `json:"note,omitempty"`
}

// MarkOf returns the mark of a finding; false if there is none.
func (e Episode) MarkOf(finding string) (Mark, bool) {
	at := slices.IndexFunc(e.Marks, func(m Mark) bool { return m.Finding == finding })
	if at < 0 {
		return Mark{}, false
	}
	return e.Marks[at], true
}

// WithoutAdvice says that an episode has no advice, and why.
func (e Episode) WithoutAdvice() string {
	why := string(e.State)
	if e.Error != "" {
		why += ", " + e.Error
	}
	return fmt.Sprintf("episode %s has no advice: it is %s (sidecar history show %s)", e.ID, why, e.ID)
}

// HasFinding reports whether the advice of an episode has a finding with this id.
func (e Episode) HasFinding(id string) bool {
	return e.Advice != nil && slices.ContainsFunc(e.Advice.Findings, func(f Finding) bool { return f.ID == id })
}

// OfFinding returns the id of the episode that a finding belongs to; false if its id names
// none, because it was made from files.
func OfFinding(finding string) (id string, ok bool) {
	id, number, ok := strings.Cut(finding, "-")
	return id, ok && id != "" && number != ""
}
