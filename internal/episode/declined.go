package episode

import "time"

// Declined is an alert that opened no episode, and why.
type Declined struct {
	// ID is a ULID, sorted by First.
	ID    string `json:"id"`
	Alert Alert  `json:"alert"`
	// Reason is one word of a fixed list, for example "unknown_job"; Detail is a sentence
	// for a person that ends in what to do.
	Reason string `json:"reason"`
	Detail string `json:"detail,omitempty"`
	// Episode is the id of the earlier episode about the same and Until the end of its
	// cool-down; empty and zero if that is not the reason.
	Episode string    `json:"episode,omitempty"`
	Until   time.Time `json:"until,omitzero"`
	// First and Last are when it came for the first and for the last time, Count is how
	// often.
	First time.Time `json:"first"`
	Last  time.Time `json:"last"`
	Count int       `json:"count"`
}

// JobRef names the job that the alert is about.
func (d Declined) JobRef() JobRef { return d.Alert.JobRef() }
