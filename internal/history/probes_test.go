package history

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/probes"
)

// record returns the n-th probe record of round idAt(0), due n seconds after
// start, with its outcomes at the sinks s0, s1, ….
func record(n int, outcomes ...episode.RecordOutcome) episode.ProbeRecord {
	r := episode.ProbeRecord{
		Seed: fmt.Sprintf("fsp-%s-%d", idAt(0), n), Round: idAt(0), Key: "k",
		Intended:     start.Add(time.Duration(n) * time.Second),
		OnTimeWithin: time.Minute, Cutoff: 3 * time.Minute,
	}
	for i, outcome := range outcomes {
		r.Sinks = append(r.Sinks, episode.AtSink{Sink: fmt.Sprintf("s%d", i), Outcome: outcome})
	}
	return r
}

func put(t *testing.T, l *probes.Records, records ...episode.ProbeRecord) {
	t.Helper()
	require.NoError(t, l.Put(records))
	require.NoError(t, l.Verify())
}

func account(sink string, intended int64, outcomes map[episode.RecordOutcome]int64) episode.Account {
	return episode.Account{Sink: sink, Intended: intended, Outcomes: outcomes}
}

func totals(t *testing.T, l *probes.Records) []episode.Account {
	t.Helper()
	out, err := l.Totals()
	require.NoError(t, err)
	return out
}

func seeds(records []episode.ProbeRecord) []string {
	return ids(records, func(r episode.ProbeRecord) string { return r.Seed })
}

func TestProbeRecordsCountsDifferences(t *testing.T) {
	s := openNew(t)
	l := s.Probes()
	require.Equal(t, []episode.Account{}, totals(t, l))

	put(t, l, record(1, episode.Pending, episode.Pending), record(2, episode.Pending, episode.NotSent))
	require.Equal(t, []episode.Account{
		account("s0", 2, map[episode.RecordOutcome]int64{episode.Pending: 2}),
		account("s1", 2, map[episode.RecordOutcome]int64{episode.Pending: 1, episode.NotSent: 1}),
	}, totals(t, l))

	for range 3 { // the same state again changes nothing
		put(t, l, record(1, episode.OnTime, episode.Lost), record(1, episode.OnTime, episode.Lost))
	}
	want := []episode.Account{
		account("s0", 2, map[episode.RecordOutcome]int64{episode.Pending: 1, episode.OnTime: 1}),
		account("s1", 2, map[episode.RecordOutcome]int64{episode.Lost: 1, episode.NotSent: 1}),
	}
	require.Equal(t, want, totals(t, l))
	require.Equal(t, want, totals(t, reopen(t, s).Probes()))
}

func TestProbeRecordsAttributesOnlyGrow(t *testing.T) {
	l := openNew(t).Probes()
	latency := 90 * time.Second
	first := record(1, episode.Lost, episode.ProduceFailed, episode.OnTime)
	seen := record(1, episode.Lost, episode.ProduceFailed, episode.OnTime)
	seen.Sinks[0].SeenAfter, seen.Sinks[0].Latency, seen.Sinks[1].SeenAfter = true, &latency, true
	seen.Sinks[2].Duplicates = 2
	seen.Acknowledged = &latency

	put(t, l, first)
	put(t, l, seen)
	put(t, l, first) // an older copy removes nothing

	got := totals(t, l)
	require.Equal(t, int64(1), got[0].SeenAfterLost)
	require.Equal(t, int64(0), got[0].SeenAfterProduceFailed)
	require.Equal(t, int64(1), got[1].SeenAfterProduceFailed)
	require.Equal(t, int64(2), got[2].Duplicates)
	kept, err := l.Recent(1)
	require.NoError(t, err)
	require.Equal(t, &latency, kept[0].Sinks[0].Latency)
	require.Equal(t, &latency, kept[0].Acknowledged)
}

func TestProbeRecordsRefuses(t *testing.T) {
	twice := record(1, episode.Pending, episode.Pending)
	twice.Sinks[1].Sink = "s0"
	other := record(1, episode.OnTime, episode.Pending)
	other.Sinks[1].Sink = "s9"
	negative := record(1, episode.OnTime, episode.Pending)
	negative.Sinks[0].Duplicates = -1
	noSeed, never := record(1, episode.Pending), record(2, episode.Pending)
	noSeed.Seed, never.Intended = "", time.Time{}
	seed := record(1).Seed

	for _, test := range []struct {
		name string
		put  episode.ProbeRecord
		want string
	}{
		{
			"final becomes another", record(1, episode.Late, episode.Pending),
			"probe record " + seed + ": on_time at sink s0 is final and can't become late",
		},
		{
			"final becomes pending", record(1, episode.Pending, episode.Pending),
			"probe record " + seed + ": on_time at sink s0 is final and can't become pending",
		},
		{"sink left out", record(1, episode.OnTime), "probe record " + seed + ": put with 1 sinks instead of 2"},
		{"sink exchanged", other, "probe record " + seed + ": put without its sink s1"},
		{"sink twice", twice, "probe record " + seed + `: a sink has no name or occurs twice: "s0"`},
		{"no sinks", record(3), "probe record " + record(3).Seed + ": it has no sinks"},
		{
			"unknown outcome", record(3, "eaten"),
			"probe record " + record(3).Seed + `: unknown outcome "eaten" at sink s0`,
		},
		{"negative duplicates", negative, "probe record " + seed + ": -1 duplicates at sink s0"},
		{"no seed", noSeed, `probe record "": a seed has 1 to 256 bytes`},
		{"no due time", never, "probe record " + never.Seed + ": it has no due time"},
	} {
		t.Run(test.name, func(t *testing.T) {
			l := openNew(t).Probes()
			put(t, l, record(1, episode.OnTime, episode.Pending))
			was := totals(t, l)
			err := l.Put([]episode.ProbeRecord{record(7, episode.Pending, episode.Pending), test.put})
			require.EqualError(t, err, "history: "+test.want)
			require.Equal(t, was, totals(t, l), "none of the batch may be stored")
			require.NoError(t, l.Verify())
		})
	}
}

func TestProbeRecordsOpen(t *testing.T) {
	s := openNew(t)
	l := s.Probes()
	now := start
	s.Now = func() time.Time { return now }
	put(t, l, record(1, episode.Lost), record(2, episode.Pending))
	now = start.Add(5 * time.Minute)
	put(t, l, record(3, episode.OnTime), record(4, episode.OnTime, episode.Pending))
	now = start.Add(6 * time.Minute)

	got, err := l.Open(2 * time.Minute)
	require.NoError(t, err)
	require.Equal(t, seeds([]episode.ProbeRecord{record(2), record(4), record(3)}), seeds(got))
	require.Equal(t, record(2, episode.Pending), got[0])
	got, err = l.Open(time.Hour)
	require.NoError(t, err)
	require.Len(t, got, 4)
}

func TestProbeRecordsForgets(t *testing.T) {
	log := &testLog{}
	s, err := Open(t.Context(), configFor(filepath.Join(t.TempDir(), "h.db")), log.logger())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	l := s.Probes()
	l.Keep = 3
	for n := range 8 {
		put(t, l, record(n, episode.Pending))
	}
	for n := range 7 {
		put(t, l, record(n, episode.Lost))
	}
	want := []episode.Account{account("s0", 8, map[episode.RecordOutcome]int64{episode.Lost: 7, episode.Pending: 1})}
	require.Equal(t, want, totals(t, l))
	kept, err := l.Recent(0)
	require.NoError(t, err)
	require.Equal(t, seeds([]episode.ProbeRecord{record(7), record(6), record(5), record(4)}), seeds(kept))

	late := record(1, episode.Lost)
	late.Sinks[0].SeenAfter = true
	put(t, l, late, late)
	require.Equal(t, want, totals(t, l), "a forgotten record must not count again")
	require.Contains(t, log.String(), "its later changes are not counted")

	// New records count, for any due time.
	old := record(0, episode.Pending)
	old.Seed += "-b"
	notSent := record(0, episode.NotSent)
	notSent.Seed += "-c"
	put(t, l, old, notSent)
	require.Equal(t, int64(10), totals(t, l)[0].Intended)
}
