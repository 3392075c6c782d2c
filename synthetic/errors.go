package synthetic

import (
	"errors"
	"fmt"
	"slices"
)

// errPermanent marks errors that last until an operator acts.
var errPermanent = errors.New("permanent")

// The permanent errors of every kind of server. A kind may add others with [Permanent].
var (
	ErrMissing = Permanent("it does not exist")
	ErrNoRight = Permanent("no right to it")
)

// Permanent returns a new kind of error that lasts until an operator acts. A sink that
// reports one is not watched: its records are not_sent at that sink, because lost would
// be a guess.
func Permanent(text string) error { return fmt.Errorf("%s (%w)", text, errPermanent) }

// IsPermanent reports whether an error lasts until an operator acts.
func IsPermanent(err error) bool { return errors.Is(err, errPermanent) }

// explained is an error with a text for operators. It still wraps its kind and its
// cause.
type explained struct {
	text   string
	causes []error
}

// Explain returns an error with the text of format that wraps err, and kind unless that
// is nil. An error that is explained already does not change.
func Explain(err, kind error, format string, args ...any) error {
	if _, already := errors.AsType[*explained](err); already {
		return err
	}
	causes := []error{kind, err}
	return &explained{
		text:   fmt.Sprintf(format, args...),
		causes: slices.DeleteFunc(causes, func(err error) bool { return err == nil }),
	}
}

// Error says what is wrong and what to do.
func (e *explained) Error() string { return e.text }

// Unwrap returns the kind of the error and its cause.
func (e *explained) Unwrap() []error { return e.causes }
