package production

import (
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// BlocksByEpoch are the blocks of each of the epochs of one job, which are oldest first. Those
// of an epoch end when the next one began: no block has two epochs.
func BlocksByEpoch(epochs []episode.Epoch, ms []episode.Measurement, length time.Duration) [][]Block {
	within := make([][]episode.Measurement, len(epochs))
	for _, m := range ms {
		after, _ := slices.BinarySearchFunc(epochs, m.Began, func(e episode.Epoch, began time.Time) int {
			if e.Began.After(began) {
				return 1
			}
			return -1
		})
		i := after - 1 // the last epoch that began before it
		if i >= 0 && (after == len(epochs) || !m.Ended.After(epochs[after].Began)) {
			within[i] = append(within[i], m)
		}
	}
	out := make([][]Block, len(epochs))
	for i, e := range epochs {
		out[i], _ = Blocks(e.JobRef(), e.Key, within[i], e.Began, length)
	}
	return out
}
