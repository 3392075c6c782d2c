package production

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestAnIdleEpochIsNoRow: at a load of 100 records/s a capacity of 2,500 is busy 4 % of the time.
func TestAnIdleEpochIsNoRow(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	of := episode.JobRef{Cluster: "c", Job: "j"}
	measured := func(epoch string, from time.Time, capacity float64) (ms []episode.Measurement) {
		for i := range 12 {
			at := from.Add(time.Duration(i) * time.Minute)
			ms = append(ms, episode.Measurement{
				Kind: episode.KindWindow, Cluster: of.Cluster, Job: of.Job, EpochKey: epoch, Began: at,
				Ended: at.Add(time.Minute), Throughput: new(100.0), Capacity: new(capacity + float64(i)), Backlog: new(0.0),
			})
		}
		return ms
	}
	epochs := []episode.Epoch{
		{Cluster: of.Cluster, Job: of.Job, Key: "a", Began: began},
		{Cluster: of.Cluster, Job: of.Job, Key: "b", Began: began.Add(time.Hour)},
	}
	table := func(capacity float64) []string {
		ms := append(measured("a", began, 150), measured("b", began.Add(time.Hour), capacity)...)
		made := Table(epochs, ms, time.Minute)
		if len(made.Rows) == 1 {
			return made.Warnings
		}
		require.Len(t, made.Rows, 2)
		return nil
	}
	require.Empty(t, table(1900))
	require.Contains(t, table(2500), "2026-03-01 01:00: busy time does not tell the capacity of a job that is busy less "+
		"than 5 % of the time (compare scale tests)")
}
