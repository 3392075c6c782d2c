package account

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// Quality is the reliability of a sample.
type Quality int

// The qualities of a sample.
const (
	Measured   Quality = iota // the latency is exact
	Unmeasured                // seen, but the sink did not look when the record arrived
	Rejected                  // the clocks contradict each other
	Bound                     // an upper bound of the time until the job read the record
)

// Sample is the result of one record at one hop.
type Sample struct {
	// Hop is the name of the hop, empty for a bound.
	Hop  string
	Seed string
	// Latency is valid only if Quality is Measured or Bound.
	Latency time.Duration
	Quality Quality
	// Resolution is the most by which a bound may be above the time that it bounds; 0 for
	// other samples.
	Resolution time.Duration
}

// Sighting reports that a sink has a record.
type Sighting struct {
	Seed string
	// Place identifies the sighting within the sink: partition and offset, or
	// index and document id. The same place twice is one sighting.
	Place string
	// Lane names the part of the sink in which sightings are reported in the order in which
	// the sink got the records: a partition, or a file. It is empty if there is no such order.
	Lane string
	At   clock.Moment
	// Bound is set if the record may have been there before At.
	Bound bool
	// Stamps are times in the record that other systems wrote, by hop.
	Stamps map[string]time.Time
	// Hop is the name of the hop that the sighting measures.
	Hop string
}

// Awaited is a record that a sink searches for.
type Awaited struct {
	Seed string
	Sent clock.Moment
	// Restored is set for a record that an earlier process sent.
	Restored bool
}
