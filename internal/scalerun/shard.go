package scalerun

// Shard is the state of one of the processes that send a scale test together. Each
// process reports it to the holder of the history, again and again.
type Shard struct {
	// Member is a ULID that the process made: a process that was started again is another one.
	Member string `json:"member"`
	// Shards is the number of processes, Shard that of this one, from 0.
	Shards int `json:"shards"`
	Shard  int `json:"shard"`
	// Cluster, Job, Label and Load are equal for all processes of a test. Load is what they
	// send together, in words.
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	Label   string `json:"label"`
	Load    string `json:"load"`
	// Begun is the test before its first iteration; nil until everything is checked.
	Begun *Test `json:"begun,omitempty"`
	// Ready is the round that the process is about to send, from 1; 0 is none. Rounds are the
	// iterations, and those before them that choose the number of records.
	Ready int `json:"ready,omitempty"`
	// Slice is what the process measured; nil if there is nothing new.
	Slice *Slice `json:"slice,omitempty"`
	// Took is the round whose slice was handed over last, 0 is none: the answer has what all
	// measured in it.
	Took int `json:"took,omitempty"`
	// ProfilesTaken is set when the profiles of the test are there. One process takes them, and
	// the others send until then.
	ProfilesTaken bool `json:"profiles_taken,omitempty"`
	// Ended is set when the process has no further slice, Error if it broke off. Profiled is
	// then what was profiled, and Warnings are those of this process.
	Ended    bool      `json:"ended,omitempty"`
	Error    string    `json:"error,omitempty"`
	Profiled *Profiled `json:"profiled,omitempty"`
	Warnings []string  `json:"warnings,omitempty"`
}

// Slice is what one process measured of an iteration. Times are in seconds since the
// common beginning of the iteration.
type Slice struct {
	// Round counts all rounds of the test, from 1. Calibration is set for one that only chooses
	// the number of records: it is no part of the result.
	Round       int  `json:"round"`
	Calibration bool `json:"calibration,omitempty"`
	// Iteration has the counts of this slice.
	Iteration Iteration `json:"iteration"`
	// Arrived is the number of records that every sink shows.
	Arrived int64 `json:"arrived"`
	// FirstSent is the first send, LastAcknowledged the last answer of the brokers; nil if
	// there is none.
	FirstSent        *float64 `json:"first_sent_seconds"`
	LastAcknowledged *float64 `json:"last_acknowledged_seconds"`
	// Delays are the publish delays.
	Delays Histogram            `json:"delays"`
	Sinks  map[string]SliceSink `json:"sinks"`
}

// SliceSink is what one sink shows of a slice.
type SliceSink struct {
	// LastSeen is when the last record was visible; nil if none is.
	LastSeen  *float64  `json:"last_seen_seconds"`
	Latencies Histogram `json:"latencies"`
}

// Histogram is a histogram of times. HDR is that of HdrHistogram in its compressed
// encoding, in microseconds; the exact values are in nanoseconds and seconds.
type Histogram struct {
	HDR        string  `json:"hdr"`
	Count      int64   `json:"count"`
	SumSeconds float64 `json:"sum_seconds"`
	Min        int64   `json:"min_nanoseconds"`
	Max        int64   `json:"max_nanoseconds"`
}

// Group is what a process learns of the others.
type Group struct {
	// Test is the id of the test that all send.
	Test string `json:"test"`
	// BeginsInSeconds is the time until the iteration for which the process is ready begins;
	// nil until all are ready.
	BeginsInSeconds *float64 `json:"begins_in_seconds,omitempty"`
	// Measured is what all measured in the round Took, of all records together; nil until all
	// have handed over their slices.
	Measured *Iteration `json:"measured,omitempty"`
	// ProfilesTaken is set when the profiles of the test are there.
	ProfilesTaken bool `json:"profiles_taken,omitempty"`
	// Missing are the processes that the others wait for.
	Missing []int `json:"missing"`
	// Failed says why the test cannot go on; empty if it can.
	Failed string `json:"failed,omitempty"`
	// Merged is the result of all slices; nil until all processes have ended.
	Merged *Test `json:"merged,omitempty"`
}
