package history

import (
	"slices"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Unfinished returns the episodes whose state is not final, oldest first. It
// reads every episode: it is asked once, when a process starts.
func (s *Store) Unfinished() ([]episode.Episode, error) {
	var open []episode.Episode
	err := s.view(func(tx *bbolt.Tx) error {
		for id := range episodes.backwards(tx, newWindow("", time.Time{}, time.Time{}, 0)) {
			e, ok, err := episodes.get(tx, id)
			if err != nil {
				return err
			}
			if ok && !e.State.Final() {
				open = append(open, e)
			}
		}
		return nil
	})
	slices.Reverse(open)
	return open, err
}
