package synthetic

import (
	"errors"
	"fmt"
	"slices"
)

// What can be wrong with a topic, an index or a server that does not go away by
// itself. A sink with such an error is not watched: its records are not_sent as
// far as that sink goes, because calling them lost would be a guess.
var (
	errMissing          = errors.New("it does not exist")
	errNoRight          = errors.New("no right to it")
	errNotElasticsearch = errors.New("it is not Elasticsearch")
	errNotKeyword       = errors.New("its seed field can't be searched")
)

// isPermanent reports whether an error stays until somebody acts.
func isPermanent(err error) bool {
	return errors.Is(err, errMissing) || errors.Is(err, errNoRight) ||
		errors.Is(err, errNotElasticsearch) || errors.Is(err, errNotKeyword)
}

// explained is an error in an operator's words that still is its causes.
type explained struct {
	text   string
	causes []error
}

// explain gives an error the words of format, and a kind unless that is nil. An
// error that was explained already keeps its words.
func explain(err, kind error, format string, args ...any) error {
	if _, already := errors.AsType[*explained](err); already {
		return err
	}
	causes := []error{kind, err}
	return &explained{text: fmt.Sprintf(format, args...), causes: slices.DeleteFunc(causes, func(err error) bool { return err == nil })}
}

// Error returns what is wrong and what to do.
func (e *explained) Error() string { return e.text }

// Unwrap returns the kind of the error and what was met.
func (e *explained) Unwrap() []error { return e.causes }
