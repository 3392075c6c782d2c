package backtest

import (
	"errors"
	"iter"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// Stored passes on the pages that a history keeps, oldest first, until each returns an error, and
// returns that.
type Stored func(each func(page []byte) error) error

// RunStored runs the rules over the pages of a history. damaged is called for each that can't be
// read. place names the history in errors.
func RunStored(c alerts.Config, probed snapshot.Labels, stored Stored, place string, damaged func(error)) (Result, error) {
	result, err := Run(c, probed, stored.pages(damaged))
	return result, at(place, err)
}

// errEnough ends the pages early.
var errEnough = errors.New("no more pages are wanted")

func (s Stored) pages(damaged func(error)) iter.Seq2[recorded.Page, error] {
	return func(yield func(recorded.Page, error) bool) {
		err := s(func(data []byte) error {
			page, err := recorded.Decode(data)
			switch {
			case err != nil:
				damaged(err)
			case !yield(page, nil):
				return errEnough
			}
			return nil
		})
		if err != nil && !errors.Is(err, errEnough) {
			yield(recorded.Page{}, err)
		}
	}
}
