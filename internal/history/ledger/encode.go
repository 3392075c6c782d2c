package ledger

import (
	"encoding/json"
	"fmt"
	"time"
)

// MaxAhead is how far an id may be ahead of our clock, because clocks differ. An entry further ahead
// would sort before all later entries and never expire.
const MaxAhead = time.Hour

// MaxMeta is the maximum size of a value of the bucket meta, in bytes of JSON.
const MaxMeta = 256 << 10

// InvalidError refuses a value that can never be stored, in any state of the history.
// Repeating the call does not help.
type InvalidError struct {
	// What is the name of the value, for example "episode 01K…".
	What string
	// Problem says what is wrong and, in brackets, what to do.
	Problem string
}

// Invalid refuses a value. See [InvalidError].
func Invalid(what, problem string) error { return &InvalidError{what, problem} }

// Error returns What and Problem.
func (e *InvalidError) Error() string { return e.What + ": " + e.Problem }

// Invalid marks an error of the caller.
func (e *InvalidError) Invalid() bool { return true }

// Encode returns v as JSON of at most limit bytes.
func Encode(what string, v any, limit int) ([]byte, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, Invalid(what, fmt.Sprintf("it can't be written as JSON: %v (report this)", err))
	}
	if len(data) > limit {
		return nil, Invalid(what, fmt.Sprintf("it has %d KiB (store at most %d KiB)", len(data)>>10, limit>>10))
	}
	return data, nil
}
