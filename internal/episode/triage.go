package episode

import "time"

// TriageState says what people made of a change point.
type TriageState string

// The states. Untriaged is that of a change point that no person has judged yet.
const (
	Untriaged TriageState = "untriaged"
	Positive  TriageState = "positive" // something really changed
	Negative  TriageState = "negative" // nothing changed: the detector was wrong
)

// Triage is what people say of a change point in standing measurements.
type Triage struct {
	// ID is that of the change point when it was triaged. It keeps this id, also if later
	// values move it a little.
	ID      string `json:"id"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	// Figure is the name of the series.
	Figure string `json:"figure"`
	// Changed is when the figure changed, and ChangePercent by how much, as it was known when
	// the point was triaged.
	Changed       time.Time   `json:"changed"`
	ChangePercent float64     `json:"change_percent"`
	State         TriageState `json:"state"`
	// At is when a person decided.
	At time.Time `json:"at"`
	// Note says why, in the words of a person; empty for none. It has at most [MaxNote] bytes.
	Note string `json:"note,omitempty"`
}

// JobRef names the job that changed.
func (t Triage) JobRef() JobRef { return JobRef{t.Cluster, t.Job} }
