package history

import (
	"strings"
	"testing"
	"time"

	"github.com/alecthomas/units"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// TestSizeIsBounded: the oldest measurements are dropped until nine tenths are in use, also
// right after the file was opened; a second sweep drops nothing.
func TestSizeIsBounded(t *testing.T) {
	s := openNew(t)
	now := s.Now()
	const each, n = 16 << 10, 400
	var ms []episode.Measurement
	for i := range n {
		at := now.Add(-time.Duration(n-i) * time.Minute)
		ms = append(ms, episode.Measurement{
			ID: ulid.MustNew(ulid.Timestamp(at), ulid.DefaultEntropy()).String(), Job: "orders", Began: at,
			Warnings: []string{strings.Repeat("x", each)},
		})
	}
	require.NoError(t, s.PutMeasurement(ms...))
	open := advised(1, episode.Advising, 1)
	require.NoError(t, s.PutEpisode(open))

	s = reopen(t, s)
	s.Now = func() time.Time { return now }
	s.maxSize = n * each / 2
	dropped, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Positive(t, dropped)
	used, err := s.used()
	require.NoError(t, err)
	require.LessOrEqual(t, used, s.maxSize)
	left, err := s.Measurements(episode.JobRef{}, "", time.Time{}, time.Time{}, MaxLimit)
	require.NoError(t, err)
	require.Len(t, left, n-dropped)
	require.Greater(t, len(left), n/4)
	require.Equal(t, ms[n-1].ID, left[0].ID, "the newest stay")
	again, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Zero(t, again)
	s.maxSize = 1
	_, err = s.Sweep(t.Context())
	require.NoError(t, err)
	_, found, err := s.Episode(open.ID)
	require.NoError(t, err)
	require.True(t, found, "an unfinished episode is never dropped")
}

// TestScaleTestsAreBoundedBySize: where they take most of the file the oldest of them go, and no
// measurement or episode.
func TestScaleTestsAreBoundedBySize(t *testing.T) {
	s := openNew(t)
	now := s.Now()
	const each, n = 1 << 20, 12
	var ids []string
	for i := range n {
		began := now.Add(-time.Duration(n-i) * time.Hour)
		ids = append(ids, ulid.MustNew(ulid.Timestamp(began), ulid.DefaultEntropy()).String())
		require.NoError(t, s.PutScaleTest(scalerun.Test{
			ID: ids[i], Run: "r", Job: "orders", Began: began, Warnings: []string{strings.Repeat("x", each)},
		}))
		require.NoError(t, s.PutEvaluation(episode.Evaluation{ID: ids[i], Job: "orders", Notes: []string{}}))
	}
	require.NoError(t, s.PutMeasurement(newMeasurement(1, "orders")))
	require.NoError(t, s.PutEpisode(newEpisode(1, "orders", episode.Done)))
	s.maxSize = n * each / 2
	dropped, err := s.Sweep(t.Context())
	require.NoError(t, err)
	left, err := s.ScaleTests(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, left, n-dropped, "nothing else is dropped")
	require.GreaterOrEqual(t, len(left), 4)
	require.Equal(t, ids[n-1], left[0].ID, "the newest stay")
	used, err := s.used()
	require.NoError(t, err)
	require.LessOrEqual(t, used, s.maxSize)
	kept, err := s.Evaluations(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, kept, n)
	again, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Zero(t, again)
}

func TestMaxSizeOfTheSection(t *testing.T) {
	c := DefaultConfig()
	require.Empty(t, c.Validate())
	c.MaxSize = units.MiB
	require.Len(t, c.Validate(), 1)
	c.MaxSize = units.GiB
	require.Empty(t, c.Validate())
}

// TestNumbersAreBounded: the oldest go, unfinished episodes stay, a second sweep drops nothing.
func TestNumbersAreBounded(t *testing.T) {
	s := openNew(t)
	for i := range 30 {
		state := episode.Done
		if i < 2 {
			state = episode.Advising
		}
		require.NoError(t, s.PutEpisode(newEpisode(i, "orders", state)))
		require.NoError(t, s.PutMeasurement(newMeasurement(i, "orders")))
	}
	s.maxEpisodes, s.maxMeasurements = 10, 7
	dropped, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 20+23, dropped)
	episodes, err := s.Episodes(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, episodes, 10)
	require.Equal(t, []string{idAt(29), idAt(22), idAt(1), idAt(0)},
		[]string{episodes[0].ID, episodes[7].ID, episodes[8].ID, episodes[9].ID})
	ms, err := s.Measurements(episode.JobRef{}, "", time.Time{}, time.Time{}, 0)
	require.NoError(t, err)
	require.Len(t, ms, 7)
	require.Equal(t, idAt(29), ms[0].ID)
	again, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Zero(t, again)
	s.maxEpisodes = 1
	_, err = s.Sweep(t.Context())
	require.NoError(t, err, "unfinished ones are more than the limit")
}
