package episode

import "time"

// RecordOutcome is the outcome of one probe record at one sink. The outcomes exclude each
// other, so that the counts of all outcomes add up to the intended records.
type RecordOutcome string

// The outcomes. Pending is the only one that is not final.
const (
	NotSent       RecordOutcome = "not_sent"       // was due, but never handed to Kafka
	ProduceFailed RecordOutcome = "produce_failed" // handed to Kafka, never known to be acknowledged
	Pending       RecordOutcome = "pending"        // not yet seen at the sink, cut-off not yet reached
	OnTime        RecordOutcome = "on_time"        // seen within the service level
	Late          RecordOutcome = "late"           // seen after it, before the cut-off
	Lost          RecordOutcome = "lost"           // acknowledged, and not seen by the cut-off
)

// RecordOutcomes lists all outcomes in the order in which tables show them.
func RecordOutcomes() []RecordOutcome {
	return []RecordOutcome{NotSent, ProduceFailed, Pending, OnTime, Late, Lost}
}

// ProbeRecord is one synthetic record on its way from the source topic to the sinks. It
// is written to history before it is handed to Kafka: every record that may exist is
// accounted for, even if the process dies.
type ProbeRecord struct {
	// Seed identifies the record everywhere: it is in the payload and in a header. "fsp-"
	// + ULID of the round + "-" + index within the round; seeds sort by the time of their
	// round.
	Seed string `json:"seed"`
	// Round is the ULID of the round the record belongs to.
	Round string `json:"round"`
	Key   string `json:"key"`
	// Partition of the source topic that the record is sent to.
	Partition int32 `json:"partition"`
	// Subtask of the job's first keyed vertex that gets the key, from 0; nil unless the key
	// was chosen for it.
	Subtask *int `json:"subtask,omitempty"`
	// Intended is the wall-clock time at which the record was due.
	Intended time.Time `json:"intended"`
	// OnTimeWithin and Cutoff are the limits at the time of Intended, in nanoseconds
	// after it: a change of configuration does not change the outcome of earlier records.
	OnTimeWithin time.Duration `json:"on_time_within"`
	Cutoff       time.Duration `json:"cutoff"`
	// Acknowledged is the produce latency; nil until the brokers acknowledged.
	Acknowledged *time.Duration `json:"acknowledged,omitempty"`
	// Error is why the record was not sent or its produce failed.
	Error string   `json:"error,omitempty"`
	Sinks []AtSink `json:"sinks"`
}

// AtSink is what is known of one record at one sink.
type AtSink struct {
	Sink    string        `json:"sink"`
	Outcome RecordOutcome `json:"fate"`
	// From holds, for a Kafka sink, the end offset of each partition just before the
	// record was sent: the record cannot be before these.
	From map[int32]int64 `json:"from,omitempty"`
	// Latency is from send to sight; nil until the record was seen. It stays nil for a
	// record that is never seen, and is set for one seen late or even after it was called
	// lost.
	Latency *time.Duration `json:"latency,omitempty"`
	// Duplicates counts the further times the record was seen at this sink.
	Duplicates int `json:"duplicates,omitempty"`
	// SeenAfter is set when the record was seen after its outcome was final.
	SeenAfter bool `json:"seen_after,omitempty"`
	// Order is empty while the record's place among the records of its key is not known: it
	// was not seen, or the sink does not show in which order it got its records.
	Order RecordOrder `json:"order,omitempty"`
}

// RecordOrder says whether a record reached a sink in the order of sending.
type RecordOrder string

// The orders. A duplicate does not change the order of its record.
const (
	InOrder   RecordOrder = "in_order"  // before every later record of its key
	Reordered RecordOrder = "reordered" // after a later record of its key
)

// Open reports whether the record's outcome at any sink is still pending.
func (r *ProbeRecord) Open() bool {
	for _, s := range r.Sinks {
		if s.Outcome == Pending {
			return true
		}
	}
	return false
}
