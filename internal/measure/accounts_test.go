package measure

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/historytest"
)

// sentAt is a record that was due at a time and has an outcome at the sink.
func sentAt(seed string, due time.Time, outcome episode.RecordOutcome) episode.ProbeRecord {
	return episode.ProbeRecord{
		Seed: seed, Intended: due, OnTimeWithin: time.Minute, Cutoff: 3 * time.Minute,
		Sinks: []episode.AtSink{{Sink: "search", Outcome: outcome}},
	}
}

// minuteAt is a measurement of a minute with one sink, not counted yet.
func minuteAt(began time.Time) episode.Measurement {
	return episode.Measurement{
		ID: historytest.IDAt(began), Kind: episode.KindWindow,
		Began: began, Ended: began.Add(time.Minute), Accounts: []episode.Account{{Sink: "search"}},
	}
}

// Seen: "lost 0" and no warning, for minutes whose records were all lost later.
func TestAccountOfAWindowIsCompletedWhenItsRecordsAreFinal(t *testing.T) {
	t.Parallel()
	probes := historytest.Open(t).Probes()
	began := time.Now().Add(-10 * time.Minute).Truncate(time.Second)
	put := func(outcome episode.RecordOutcome) {
		require.NoError(t, probes.Put([]episode.ProbeRecord{
			sentAt("a", began, outcome), sentAt("b", began.Add(59*time.Second), outcome),
			sentAt("c", began.Add(time.Minute), outcome), sentAt("d", began.Add(-time.Second), episode.OnTime),
		}))
	}
	put(episode.Pending)
	first, second := minuteAt(began), minuteAt(began.Add(time.Minute))
	changed, still, err := completed(probes, []episode.Measurement{first, second}, time.Now())
	require.NoError(t, err)
	require.Len(t, changed, 2)
	require.Len(t, still, 2)
	require.EqualValues(t, 2, still[0].Records(episode.Pending), "it says how many are pending")
	require.Zero(t, still[0].Records(episode.Lost))

	changed, still, err = completed(probes, still, time.Now())
	require.NoError(t, err)
	require.Empty(t, changed, "nothing is written while nothing changes")
	require.Len(t, still, 2)

	put(episode.Lost)
	changed, still, err = completed(probes, still, time.Now())
	require.NoError(t, err)
	require.Empty(t, still)
	require.Equal(t, first.ID, changed[0].ID)
	require.EqualValues(t, 2, changed[0].Records(episode.Lost))
	require.EqualValues(t, 1, changed[1].Records(episode.Lost))
	require.True(t, changed[0].Accounts[0].Balanced())
	require.EqualValues(t, 2, changed[0].Accounts[0].Intended)
}

// A record that comes into the history right after its minute was counted is not forgotten.
func TestAMinuteIsCountedAgain(t *testing.T) {
	t.Parallel()
	probes := historytest.Open(t).Probes()
	m := minuteAt(time.Now().Add(-time.Minute))
	_, still, err := completed(probes, []episode.Measurement{m}, m.Ended)
	require.NoError(t, err)
	require.Len(t, still, 1)
	require.NoError(t, probes.Put([]episode.ProbeRecord{sentAt("a", m.Began, episode.OnTime)}))
	changed, still, err := completed(probes, still, m.Ended.Add(time.Minute))
	require.NoError(t, err)
	require.EqualValues(t, 1, changed[0].Records(episode.OnTime))
	changed, still, err = completed(probes, still, m.Ended.Add(countedAgain))
	require.NoError(t, err)
	require.Empty(t, changed)
	require.Empty(t, still)
}

func TestEpisodesAreCompletedToo(t *testing.T) {
	t.Parallel()
	store := historytest.Open(t)
	began := time.Now().Add(-10 * time.Minute).Truncate(time.Second)
	record := sentAt("a", began, episode.Pending)
	require.NoError(t, store.Probes().Put([]episode.ProbeRecord{record}))
	m := minuteAt(began)
	m.Accounts = m.AccountsOf([]episode.ProbeRecord{record})
	ep := episode.Episode{ID: m.ID, State: episode.Done, Opened: began, Measurement: &m}
	require.NoError(t, store.PutEpisode(ep))

	record.Sinks[0].Outcome = episode.Lost
	require.NoError(t, store.Probes().Put([]episode.ProbeRecord{record}))
	require.NoError(t, completeEpisodes(store, store.Probes()))
	stored, _, err := store.Episode(ep.ID)
	require.NoError(t, err)
	require.EqualValues(t, 1, stored.Measurement.Records(episode.Lost))
	require.Zero(t, stored.Measurement.Records(episode.Pending))
}

// records are probeRecords that answer the same.
type records struct {
	forgotten time.Time
	failure   error
}

func (r records) Intended(time.Time, time.Time) ([]episode.ProbeRecord, time.Time, error) {
	return nil, r.forgotten, r.failure
}

func TestWhatCannotBeCountedIsUnknown(t *testing.T) {
	t.Parallel()
	began := time.Now().Add(-10 * time.Minute)
	counted := minuteAt(began)
	counted.Accounts[0].Intended = 5
	counted.Accounts[0].Outcomes = map[episode.RecordOutcome]int64{episode.Pending: 5}
	open := []episode.Measurement{minuteAt(began), counted}

	changed, still, err := completed(records{forgotten: began}, open, time.Now())
	require.NoError(t, err)
	require.Empty(t, still)
	require.Len(t, changed, 1)
	require.Nil(t, changed[0].Accounts)
	require.Equal(t, []string{forgottenWarning}, changed[0].Warnings)

	changed, still, err = completed(records{failure: errors.New("disk on fire")}, open, time.Now())
	require.Error(t, err)
	require.Len(t, still, 2, "it is tried again")
	require.Nil(t, changed[0].Accounts)

	changed, still, err = completed(records{failure: errors.New("not asked")}, []episode.Measurement{{Job: "no probe"}}, time.Now())
	require.NoError(t, err)
	require.Empty(t, changed)
	require.Empty(t, still)
}
