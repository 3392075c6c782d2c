package api

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Probe is the synthetic probe.
type Probe struct {
	Cluster string `json:"cluster,omitempty"`
	Job     string `json:"job"`
	Topic   string `json:"topic"`
	// IntervalSeconds is the time between two rounds.
	IntervalSeconds float64 `json:"interval_seconds"`
	// OnTimeWithinSeconds and CutoffSeconds are the limits for new records.
	OnTimeWithinSeconds float64 `json:"on_time_within_seconds"`
	CutoffSeconds       float64 `json:"cutoff_seconds"`
	// Waiting says why no records are sent at the moment; empty when they are.
	Waiting string `json:"waiting,omitempty"`
	// NothingArrived is set while Kafka has records of the probe that no sink shows.
	NothingArrived *NothingArrived `json:"nothing_arrived,omitempty"`
	// Round is the round on demand that is under way; nil if there is none.
	Round *RoundProgress `json:"round,omitempty"`
	// Hops are the latencies of the last HopsOverSeconds.
	Hops            []episode.Hop `json:"hops"`
	HopsOverSeconds float64       `json:"hops_over_seconds"`
	// IngestedUpperBound is that of the same time; nil if it is not known.
	IngestedUpperBound *episode.UpperBound `json:"ingested_upper_bound,omitempty"`
	// Accounts hold every record since the history began.
	Accounts []episode.Account `json:"accounts"`
}

// NothingArrived says that no sink shows the probe's records.
type NothingArrived struct {
	// Since is when the first of these records was sent, Records how many there are.
	Since   time.Time `json:"since"`
	Records int       `json:"records"`
	// First is set if no record has ever arrived: then the configuration may be wrong.
	First bool `json:"first"`
	// Text is the finding in one line, with the causes.
	Text string `json:"text"`
	// Causes are the likely causes, those that evidence supports first.
	Causes []Cause `json:"causes"`
}

// Cause is a possible reason, with what to do in brackets.
type Cause struct {
	Text string `json:"text"`
	// Evidence are the facts that support it; empty if there are none.
	Evidence []string `json:"evidence"`
}

// RoundProgress is how far a round on demand is.
type RoundProgress struct {
	// Records is the size of the round. Kafka has stored Sent of them, and the outcome of
	// Final is final at every sink.
	Records int `json:"records"`
	Sent    int `json:"sent"`
	Final   int `json:"final"`
	// Seen is how many of them each sink shows.
	Seen []SeenAtSink `json:"seen"`
}

// SeenAtSink is how many records of a round one sink shows.
type SeenAtSink struct {
	Sink    string `json:"sink"`
	Records int    `json:"records"`
}
