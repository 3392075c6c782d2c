package changepoint

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// State says how much is known of a change point.
type State string

// The states. A few blocks may differ for a reason that is soon over.
const (
	Candidate State = "candidate" // a side has fewer than [production.MinBlocks] blocks
	Confirmed State = "confirmed"
)

// Direction says whether a change is for the better.
type Direction string

// The directions.
const (
	Better Direction = "better"
	Worse  Direction = "worse"
)

// Point is a change point of one figure of one job.
type Point struct {
	// ID is a ULID made of what changed and when, or that of the triage that stays with it.
	ID      string `json:"id"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	Figure  string `json:"figure"`
	// At is the begin of the first block after the change.
	At        time.Time `json:"at"`
	State     State     `json:"state"`
	Direction Direction `json:"direction"`
	// Before and After are the geometric means of the figure between the change points
	// beside this one.
	Before        float64 `json:"before"`
	After         float64 `json:"after"`
	ChangePercent float64 `json:"change_percent"`
	// P is a measure of strength, see [Step].
	P float64 `json:"p"`
	// BlocksBefore and BlocksAfter are how many blocks the means are made of.
	BlocksBefore int `json:"blocks_before"`
	BlocksAfter  int `json:"blocks_after"`
	// Epochs began near the change: candidates for the cause. Empty if there are none.
	Epochs []Epoch `json:"epochs"`
	// Triage is what people said, with TriagedAt and Note if they said something.
	Triage    episode.TriageState `json:"triage"`
	TriagedAt time.Time           `json:"triaged_at,omitzero"`
	Note      string              `json:"note,omitempty"`
}

// Epoch is an epoch in short: when it began, and what changed in it.
type Epoch struct {
	Key     string    `json:"key"`
	Began   time.Time `json:"began"`
	Changes []string  `json:"changes"`
}

// EpochOf is an epoch in short.
func EpochOf(e episode.Epoch) Epoch {
	changes := []string{}
	for _, c := range e.Changes {
		changes = append(changes, c.String())
	}
	return Epoch{e.Key, e.Began.UTC(), changes}
}
