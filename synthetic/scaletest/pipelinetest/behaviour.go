package pipelinetest

import "time"

// Fate is what becomes of one record.
type Fate struct {
	// Delay is the time from the job's reading to the sinks.
	Delay time.Duration
	// Lost records reach no sink, Twice records reach each sink two times.
	Lost, Twice bool
	// Behind puts the record after the next one of its partition.
	Behind bool
	// NoSeed removes everything that identifies the record.
	NoSeed bool
	// NewKey gives the record another key.
	NewKey bool
	// ClockAhead is how far the clock of the job's machine is ahead when it stamps the record.
	ClockAhead time.Duration
}

// Behaviour plants what the job does.
type Behaviour struct {
	// Fate returns what becomes of the record with an index; nil means at once.
	Fate func(index int) Fate
	// Limit is the most records per second; 0 is no limit.
	Limit float64
	// Jitter makes each record take up to so much more or less of its time, as a share; Seed chooses
	// by how much.
	Jitter float64
	Seed   uint64
	// LaterLimit replaces Limit after LimitFor records; 0 records is never.
	LimitFor   int
	LaterLimit float64
	// StallFrom and StallFor are a time, counted from the first record, in which nothing
	// reaches a sink.
	StallFrom, StallFor time.Duration
	// Commits is the time between the moments at which records reach the sinks, as with
	// transactions that end at checkpoints; 0 is at once.
	Commits time.Duration
	// Directory is where the job writes files too, one for each partition of a sink; empty is none.
	Directory string
	// Wrote gets the seed of each record when it is in the sinks; nil for none.
	Wrote func(seed string, at time.Time)
}
