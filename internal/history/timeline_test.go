package history

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
)

func minute(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }

func TestEpisodes(t *testing.T) {
	s := openNew(t)
	for n := range 6 {
		require.NoError(t, s.PutEpisode(newEpisode(n, []string{"orders", "payments\x00\n"}[n%2], episode.Opened)))
	}
	list := func(job, before string, limit int) []string {
		out, err := s.Episodes(episode.JobRef{Job: job}, before, limit)
		require.NoError(t, err)
		return ids(out, func(e episode.Episode) string { return e.ID })
	}
	require.Equal(t, []string{idAt(5), idAt(4), idAt(3), idAt(2), idAt(1), idAt(0)}, list("", "", 0))
	require.Equal(t, []string{idAt(5), idAt(4)}, list("", "", 2))
	require.Equal(t, []string{idAt(3), idAt(2)}, list("", idAt(4), 2))
	require.Equal(t, []string{idAt(5), idAt(3), idAt(1)}, list("payments\x00\n", "", 0))
	require.Equal(t, []string{idAt(2), idAt(0)}, list("orders", idAt(4), 9))
	require.Equal(t, []string{}, list("none", "", 0))
	require.Equal(t, []string{}, list("", idAt(0), 0))

	e, ok, err := s.Episode(idAt(3))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, newEpisode(3, "payments\x00\n", episode.Opened), e)
	_, ok, err = s.Episode(idAt(9))
	require.NoError(t, err)
	require.False(t, ok)
	_, _, err = s.Episode("9")
	require.EqualError(t, err, `history: episode: id "9" is not a ULID: ulid: bad data size when unmarshaling`)
	_, err = s.Episodes(episode.JobRef{}, "9", 0)
	require.EqualError(t, err, `history: episodes: id "9" is not a ULID: ulid: bad data size when unmarshaling`)
}

func TestEpisodeMovesForwardOnly(t *testing.T) {
	s := openNew(t)
	failed := newEpisode(1, "orders", episode.Failed)
	failed.Error = "no"
	for _, test := range []struct {
		name string
		put  episode.Episode
		want string
	}{
		{"opened", newEpisode(1, "orders", episode.Opened), ""},
		{"again", newEpisode(1, "orders", episode.Opened), ""},
		{"measuring", newEpisode(1, "orders", episode.Measuring), ""},
		{"back", newEpisode(1, "orders", episode.Opened), "episode %s is measuring and can't become opened"},
		{
			"another job", newEpisode(1, "payments", episode.Measuring),
			`episodes: %s is about job "orders", not "payments"`,
		},
		{"failed", failed, ""},
		{"failed again", failed, ""},
		{
			"failed otherwise", newEpisode(1, "orders", episode.Failed),
			"episode %s is failed and can't be changed any more",
		},
		{"done", newEpisode(1, "orders", episode.Done), "episode %s is failed and can't become done"},
	} {
		err := s.PutEpisode(test.put)
		if test.want == "" {
			require.NoError(t, err, test.name)
			continue
		}
		require.EqualError(t, err, "history: "+fmt.Sprintf(test.want, idAt(1)), test.name)
	}
	require.EqualError(t, s.PutEpisode(newEpisode(2, "", "asleep")),
		"history: episode "+idAt(2)+`: unknown state "asleep"`)
	require.ErrorContains(t, s.PutEpisode(episode.Episode{ID: "x"}), `id "x" is not a ULID`)

	var backward *kinds.BackwardError
	require.ErrorAs(t, s.PutEpisode(newEpisode(1, "orders", episode.Opened)), &backward)
	require.True(t, backward.Conflict())
}

func TestUnfinished(t *testing.T) {
	s := openNew(t)
	for n, state := range []episode.State{episode.Opened, episode.Done, episode.Measuring, episode.Opened} {
		require.NoError(t, s.PutEpisode(newEpisode(n, "orders", state)))
	}
	require.NoError(t, s.PutEpisode(newEpisode(3, "orders", episode.Failed)))
	got, err := reopen(t, s).Unfinished()
	require.NoError(t, err)
	require.Equal(t, []episode.Episode{
		newEpisode(0, "orders", episode.Opened),
		newEpisode(2, "orders", episode.Measuring),
	}, got)
}

func TestMeasurements(t *testing.T) {
	s := openNew(t)
	var ms []episode.Measurement
	for n := range 6 {
		ms = append(ms, newMeasurement(n, []string{"orders", "payments"}[n%2]))
	}
	require.NoError(t, s.PutMeasurement(ms...))
	list := func(job string, from, to time.Time, limit int) []string {
		out, err := s.Measurements(episode.JobRef{Job: job}, "", from, to, limit)
		require.NoError(t, err)
		return ids(out, func(m episode.Measurement) string { return m.ID })
	}
	require.Len(t, list("", time.Time{}, time.Time{}, 0), 6)
	require.Equal(t, []string{idAt(4), idAt(3), idAt(2)}, list("", minute(2), minute(5), 0))
	require.Equal(t, []string{idAt(4), idAt(2)}, list("orders", minute(2), minute(5), 0))
	require.Equal(t, []string{idAt(4)}, list("", minute(2), minute(5), 1))
	require.Equal(t, []string{}, list("", minute(5), minute(2), 0))

	got, err := s.Measurements(episode.JobRef{}, idAt(3), minute(1), time.Time{}, 9)
	require.NoError(t, err)
	require.Equal(t, []string{idAt(2), idAt(1)}, ids(got, func(m episode.Measurement) string { return m.ID }))
	_, err = s.Measurements(episode.JobRef{}, "3", time.Time{}, time.Time{}, 9)
	require.ErrorContains(t, err, `history: measurements: id "3" is not a ULID`)

	require.NoError(t, s.PutMeasurement())
	err = s.PutMeasurement(newMeasurement(8, "orders"), episode.Measurement{ID: "x"})
	require.ErrorContains(t, err, `history: measurement: id "x" is not a ULID`)
	require.Len(t, list("", time.Time{}, time.Time{}, 0), 6, "all or none")
}

func TestListingIsBounded(t *testing.T) {
	s := openNew(t)
	var ms []episode.Measurement
	for n := range MaxLimit + 5 {
		ms = append(ms, newMeasurement(n, "orders"))
	}
	require.NoError(t, s.PutMeasurement(ms...))
	for limit, want := range map[int]int{-1: DefaultLimit, 0: DefaultLimit, 7: 7, MaxLimit + 1: MaxLimit} {
		got, err := s.Measurements(episode.JobRef{Job: "orders"}, "", time.Time{}, time.Time{}, limit)
		require.NoError(t, err)
		require.Len(t, got, want)
	}
}

func TestEpochs(t *testing.T) {
	s := openNew(t)
	epoch := func(n int, job, key string) episode.Epoch {
		return episode.Epoch{Key: key, Cluster: "local", Job: job, Began: minute(n)}
	}
	for _, test := range []struct {
		epoch episode.Epoch
		isNew bool
	}{
		{epoch(0, "orders", "a"), true},
		{epoch(1, "orders", "a"), false}, // seen again after a restart
		{epoch(2, "payments", "a"), true},
		{epoch(3, "orders", "b"), true},
		{epoch(4, "orders", "a"), true}, // changed back
		{epoch(5, "orders", "a"), false},
	} {
		isNew, err := s.PutEpoch(test.epoch)
		require.NoError(t, err)
		require.Equal(t, test.isNew, isNew, test.epoch)
	}
	got, err := s.Epochs(episode.JobRef{Job: "orders"}, 0)
	require.NoError(t, err)
	require.Equal(t, []episode.Epoch{epoch(4, "orders", "a"), epoch(3, "orders", "b"), epoch(0, "orders", "a")}, got)
	got, err = s.Epochs(episode.JobRef{}, 2)
	require.NoError(t, err)
	require.Equal(t, []episode.Epoch{epoch(4, "orders", "a"), epoch(3, "orders", "b")}, got)

	elsewhere := epoch(6, "orders", "a")
	elsewhere.Cluster = "other"
	isNew, err := s.PutEpoch(elsewhere)
	require.NoError(t, err)
	require.True(t, isNew, "another cluster's job of the same name")
}

func TestSweep(t *testing.T) {
	s := openNew(t)
	const day = 24 * 60
	s.Now = func() time.Time { return minute(300 * day) }
	var ms []episode.Measurement
	for n := range kinds.SweepBatch + 20 {
		ms = append(ms, newMeasurement(n, "orders"))
	}
	ms = append(ms, newMeasurement(50*day, "orders"))
	require.NoError(t, s.PutMeasurement(ms...))
	for _, n := range []int{0, 1, 300 * day} {
		require.NoError(t, s.PutEpisode(newEpisode(n, "orders", episode.Done)))
		_, err := s.PutEpoch(episode.Epoch{Key: fmt.Sprint(n), Job: "orders", Began: minute(n)})
		require.NoError(t, err)
		_, err = s.PutEpoch(episode.Epoch{Key: "only", Job: "payments", Began: minute(n)})
		require.NoError(t, err)
	}
	require.NoError(t, s.PutEpisode(newEpisode(2, "orders", episode.Measuring)))
	sweepOn := func(days int) int {
		s.Now = func() time.Time { return minute(days * day) }
		n, err := s.Sweep(t.Context())
		require.NoError(t, err)
		return n
	}
	require.Equal(t, 0, sweepOn(89))
	require.Equal(t, kinds.SweepBatch+20, sweepOn(100))
	require.Equal(t, 1, sweepOn(359))
	require.Equal(t, 4, sweepOn(361), "two episodes and two epochs; the last of each job stays")
	left, err := s.Epochs(episode.JobRef{}, 0)
	require.NoError(t, err)
	require.Equal(t, []string{"300d", "only"}, ids(left, func(e episode.Epoch) string {
		if e.Key == fmt.Sprint(300*day) {
			return "300d"
		}
		return e.Key
	}))
	_, err = s.Sweep(cancelled(t))
	require.ErrorContains(t, err, "context canceled")
}

// TestEpochGoesOn changes the scale of an epoch, which does not make a new epoch.
func TestEpochGoesOn(t *testing.T) {
	s := openNew(t)
	began := episode.Epoch{Key: "a", Cluster: "local", Job: "orders", Began: minute(0), Parallelism: 2}
	isNew, err := s.PutEpoch(began)
	require.NoError(t, err)
	require.True(t, isNew)
	further := began
	further.Parallelism, further.Rescaled = 4, minute(5)
	isNew, err = s.PutEpoch(further)
	require.NoError(t, err)
	require.False(t, isNew)

	ignorant := episode.Epoch{Key: "a", Cluster: "local", Job: "orders", Began: minute(7)}
	isNew, err = s.PutEpoch(ignorant)
	require.NoError(t, err)
	require.False(t, isNew)
	got, err := s.Epochs(episode.JobRef{Job: "orders"}, 0)
	require.NoError(t, err)
	require.Equal(t, []episode.Epoch{further}, got)
}
