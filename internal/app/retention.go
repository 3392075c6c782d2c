package app

import (
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// newRetention removes old pages of profiles, except those of unfinished episodes: their
// advice may still read them.
func (a *App) newRetention() *pagestore.Retention {
	return pagestore.NewRetention(time.Duration(a.cfg.Profiling.Keep), int64(a.cfg.Profiling.KeepSize), a.pages,
		a.pagesInUse, a.log)
}

func (a *App) pagesInUse() (map[string]bool, error) {
	open, err := a.store.Unfinished()
	if err != nil {
		return nil, fmt.Errorf("reading the unfinished episodes: %w", err)
	}
	hashes := map[string]bool{}
	for _, ep := range open {
		for _, profile := range ep.Profiles {
			hashes[profile.Hash] = true
		}
	}
	return hashes, nil
}
