package history

import (
	"fmt"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// Advised shows the findings of episodes to look, newest first, until it returns false: of
// those whose job matches of, and that are older than the episode with the id before unless
// before is empty. look must not write to the history.
func (s *Store) Advised(of episode.JobRef, before string, look func(episode.Advised) bool) error {
	w, err := ledger.NewWindow(of, time.Time{}, time.Time{}, 0).EndBefore(before)
	if err != nil {
		return fmt.Errorf("history: episodes: %w", err)
	}
	err = s.do(func(h *handle) (bool, error) {
		known := h.advised.Begin()
		began, err := h.view(func(tx *bbolt.Tx) error {
			for id := range kinds.Summaries.Backwards(tx, w) {
				e, err := known.Get(tx, id)
				if err != nil {
					return err
				}
				if of.Takes(e.Of) && !look(e) {
					return nil
				}
			}
			return nil
		})
		return !began, err
	})
	if err != nil {
		return fmt.Errorf("history: %w", err)
	}
	return nil
}
