package epochs

import (
	"log/slog"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// Reader reads stored epochs and their episodes.
type Reader interface {
	Epochs(of episode.JobRef, limit int) ([]episode.Epoch, error)
	Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
}

// leftFor is how old an epoch may be that an earlier process has stored without an episode.
const leftFor = time.Hour

// Left are the present epochs that an earlier process has stored, and for which it ended before it
// opened an episode.
func Left(store Reader, now time.Time) (left []episode.Epoch, err error) {
	epochs, err := store.Epochs(episode.JobRef{}, history.MaxLimit)
	if err != nil {
		return nil, err
	}
	episodes, err := store.Episodes(episode.JobRef{}, "", history.MaxLimit)
	if err != nil {
		return nil, err
	}
	seen := map[episode.JobRef]bool{}
	for _, e := range epochs { // newest first
		if seen[e.JobRef()] || now.Sub(e.Began) > leftFor {
			continue
		}
		seen[e.JobRef()] = true
		has := slices.ContainsFunc(episodes, func(ep episode.Episode) bool {
			return ep.Alert.Source == episode.FromEpoch && ep.Alert.JobRef() == e.JobRef() && !ep.Opened.Before(e.Began)
		})
		if !has {
			left = append(left, e)
		}
	}
	return left, nil
}

// Recall returns to the collector of a cluster the last epoch of a job in the history.
func Recall(store Reader, cluster string, log *slog.Logger) func(job string) (episode.Epoch, bool) {
	return func(job string) (last episode.Epoch, known bool) {
		found, err := store.Epochs(episode.JobRef{Cluster: cluster, Job: job}, 1)
		if err != nil {
			log.Error("Epochs cannot be read, so changes since the last one are not reported", "cluster", cluster,
				"job", job, "err", err)
		}
		if len(found) == 0 {
			return episode.Epoch{}, false
		}
		return found[0], true
	}
}
