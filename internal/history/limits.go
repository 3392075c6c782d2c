package history

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"
)

// How large one stored value may be, in bytes of JSON. Ours are far below: an
// episode with all its evidence has some hundred KiB.
const (
	MaxEpisode     = 1 << 20
	MaxMeasurement = 256 << 10
	MaxEpoch       = 256 << 10
	MaxRecord      = 64 << 10
	MaxDeclined    = 32 << 10
	maxMeta        = 256 << 10
)

// maxAhead is how far ahead of our clock an id or a due time may be: clocks differ,
// and the records of a long round are due in the future. What is further ahead would
// stand before all later entries and never grow old.
const (
	maxAhead    = time.Hour
	maxDueAhead = 24 * time.Hour
)

// InvalidError refuses a value that can't be stored whatever the state of the
// history is: offering it again does not help.
type InvalidError struct {
	// What names the value, for example "episode 01K…".
	What string
	// Problem says what is wrong, and in brackets what to do.
	Problem string
}

// Error joins both.
func (e *InvalidError) Error() string { return e.What + ": " + e.Problem }

// Invalid marks the error as the caller's.
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

// checkID parses an id that is to be stored.
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
