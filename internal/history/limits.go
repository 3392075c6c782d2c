package history

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
)

// The maximum sizes of one stored value, in bytes of JSON. Real values are much
// smaller: an episode with all its evidence has some hundred KiB.
const (
	MaxEpisode     = 1 << 20
	MaxMeasurement = 256 << 10
	MaxEpoch       = 256 << 10
	MaxRecord      = 64 << 10
	MaxDeclined    = 32 << 10
	MaxScaleTest   = 2 << 20
	MaxEvaluation  = 256 << 10
	MaxTriage      = 16 << 10
	MaxPage        = 256 << 10
	maxMeta        = 256 << 10
)

// maxAhead is how far an id or a due time may be ahead of our clock, because clocks
// differ and the records of a long round are due in the future. An entry further ahead
// would sort before all later entries and never expire.
const (
	maxAhead    = time.Hour
	maxDueAhead = 24 * time.Hour
)

// InvalidError refuses a value that can never be stored, in any state of the history.
// Repeating the call does not help.
type InvalidError struct {
	// What is the name of the value, for example "episode 01K…".
	What string
	// Problem says what is wrong and, in brackets, what to do.
	Problem string
}

// Error returns What and Problem.
func (e *InvalidError) Error() string { return e.What + ": " + e.Problem }

// Invalid marks an error of the caller.
func (e *InvalidError) Invalid() bool { return true }

// encode returns v as JSON of at most limit bytes.
func encode(what string, v any, limit int) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, &InvalidError{what, fmt.Sprintf("it can't be written as JSON: %v (report this)", err)}
	}
	if len(data) > limit {
		return nil, &InvalidError{what, fmt.Sprintf("it has %d KiB (store at most %d KiB)", len(data)>>10, limit>>10)}
	}
	return data, nil
}

// checkID parses an id before it is stored.
func (s *Store) checkID(kind, id string) (ulid.ULID, error) {
	parsed, err := parseID(id)
	if err != nil {
		return parsed, fmt.Errorf("%s: %w", kind, err)
	}
	if at := ulid.Time(parsed.Time()); at.After(s.Now().Add(maxAhead)) {
		problem := fmt.Sprintf("its id is of %s, in the future (set the clocks)", at.UTC().Format(time.RFC3339))
		return parsed, &InvalidError{kind + " " + id, problem}
	}
	return parsed, nil
}
