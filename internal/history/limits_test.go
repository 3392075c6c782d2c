package history

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
)

// large is an episode of about size bytes of JSON, most of them evidence.
func large(n, size int) episode.Episode {
	e := newEpisode(n, "orders", episode.Done)
	e.Advice = &episode.Advice{
		Findings: []episode.Finding{{ID: "F1", Title: "Use another serializer", Evidence: []string{"E1"}}},
		Rejected: []episode.Rejection{}, Observations: []string{}, Warnings: []string{},
	}
	for i := range size / 1000 {
		e.Advice.Evidence = append(e.Advice.Evidence,
			episode.Evidence{ID: fmt.Sprint("E", i), Text: strings.Repeat("x", 950)})
	}
	e.Profiles = []episode.Profile{{
		ID: idAt(n), Mode: "ITIMER", Hash: "abc",
		Hot: []episode.HotFrame{{Name: "a.b", Self: 1, Total: 1}},
	}}
	return e
}

func TestTooLargeIsRefused(t *testing.T) {
	s := openNew(t)
	text := strings.Repeat("x", kinds.MaxEpisode)
	long := newEpisode(1, "orders", episode.Done)
	long.Error = text
	measurement := newMeasurement(1, "orders")
	measurement.Warnings = []string{text}
	probe := record(1, episode.Pending)
	probe.Error = text
	_, epoch := s.PutEpoch(episode.Epoch{Key: "k", PlanHash: text, Began: start})
	for name, test := range map[string]struct {
		err     error
		message string
	}{
		"episode": {s.PutEpisode(long), "has 1024 KiB (store at most 1024 KiB)"},
		"measurement": {
			s.PutMeasurement(newMeasurement(2, "orders"), measurement),
			"has 1024 KiB (store at most 256 KiB)",
		},
		"epoch":  {epoch, "has 1024 KiB (store at most 256 KiB)"},
		"record": {s.Probes().Put([]episode.ProbeRecord{probe}), "has 1024 KiB (store at most 64 KiB)"},
		"declined": {
			s.PutDeclined(episode.Declined{First: start, Detail: text}),
			"has 1024 KiB (store at most 32 KiB)",
		},
		"paused": {s.PutPaused([]string{text}), "has 1024 KiB (store at most 256 KiB)"},
	} {
		require.ErrorContains(t, test.err, test.message, name)
		var invalid *ledger.InvalidError
		require.ErrorAs(t, test.err, &invalid, name)
		require.True(t, invalid.Invalid())
	}
	left, err := s.Measurements(episode.JobRef{}, "", time.Time{}, time.Time{}, 0)
	require.NoError(t, err)
	require.Empty(t, left, "all or none")
}

func TestTheFutureIsRefused(t *testing.T) {
	s := openNew(t)
	s.Now = func() time.Time { return start }
	_, epoch := s.PutEpoch(episode.Epoch{Key: "k", Began: minute(61)})
	probe := record(1, episode.Pending)
	probe.Intended = minute(25 * 60)
	for name, err := range map[string]error{
		"episode":     s.PutEpisode(newEpisode(61, "orders", episode.Opened)),
		"measurement": s.PutMeasurement(newMeasurement(61, "orders")),
		"epoch":       epoch, "record": s.Probes().
				Put([]episode.ProbeRecord{probe}), "declined": s.PutDeclined(episode.Declined{First: minute(61)}),
	} {
		require.ErrorContains(t, err, "future (set the clocks)", name)
	}
	require.NoError(t, s.PutEpisode(newEpisode(59, "orders", episode.Opened)), "clocks differ")
	require.ErrorContains(t, s.PutEpisode(episode.Episode{ID: "7ZZZZZZZZZZZZZZZZZZZZZZZZZ", State: episode.Done}),
		"10889-08-02")
}

// TestListsContainSummaries checks the cost of a list: it reads only the summaries.
func TestListsContainSummaries(t *testing.T) {
	s := openNew(t)
	for n := range 40 {
		require.NoError(t, s.PutEpisode(large(n, 900_000)))
	}
	before := allocated()
	list, err := s.Episodes(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Less(t, allocated()-before, int64(1<<20), "36 MB are stored")
	require.Len(t, list, 40)
	for _, e := range list {
		require.Empty(t, e.Advice.Evidence)
		require.Empty(t, e.Profiles[0].Hot)
		require.Equal(t, "abc", e.Profiles[0].Hash)
		require.Equal(t, []string{"E1"}, e.Advice.Findings[0].Evidence)
	}
	one, ok, err := s.Episode(idAt(3))
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, large(3, 900_000), one)
	left, err := s.Unfinished()
	require.NoError(t, err)
	require.Empty(t, left)
}

func allocated() int64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.TotalAlloc)
}

// A summary is small for any content of the episode.
func TestSummariesAreBounded(t *testing.T) {
	text := strings.Repeat("é", 30_000)
	for name, fill := range map[string]func(*episode.Episode){
		"notes":    func(e *episode.Episode) { e.Notes = []string{text, text} },
		"error":    func(e *episode.Episode) { e.Error = text },
		"findings": func(e *episode.Episode) { e.Advice = &episode.Advice{Findings: make([]episode.Finding, 2000)} },
		"why": func(e *episode.Episode) {
			e.Advice = &episode.Advice{Findings: []episode.Finding{{Why: text, Title: "kept"}}}
		},
		"profiles": func(e *episode.Episode) { e.Profiles = make([]episode.Profile, 3000) },
		"process":  func(e *episode.Episode) { e.Profiles = []episode.Profile{{Process: text}} },
		"target":   func(e *episode.Episode) { e.Target = &episode.Target{Vertex: text} },
		"vertex":   func(e *episode.Episode) { e.Alert.Vertex = text },
	} {
		e := newEpisode(1, "orders", episode.Done)
		fill(&e)
		sum := kinds.SummaryOf(e)
		data, err := json.Marshal(sum)
		require.NoError(t, err)
		require.LessOrEqual(t, len(data), kinds.MaxSummary, name)
		require.Equal(t, []any{e.ID, e.State, e.Alert.Job, e.Alert.Rule},
			[]any{sum.ID, sum.State, sum.Alert.Job, sum.Alert.Rule}, name)
	}
	e := newEpisode(1, "orders", episode.Done)
	e.Notes = []string{text}
	require.Equal(t, strings.Repeat("é", kinds.SummaryText/2)+"…", kinds.SummaryOf(e).Notes[0])
	require.Equal(t, text, e.Notes[0], "the episode itself stays")
}

func TestDeclined(t *testing.T) {
	s := openNew(t)
	decline := func(n int, job, fingerprint string) episode.Declined {
		alert := episode.Alert{
			Rule: "HighLag", Source: episode.FromAlertmanager, Job: job, Fingerprint: fingerprint,
			StartsAt: minute(0),
		}
		return episode.Declined{
			Alert: alert, Reason: "no-job", Detail: "No such job runs (start it).",
			First: minute(n),
		}
	}
	require.NoError(t, s.PutDeclined())
	require.NoError(t, s.PutDeclined(decline(1, "orders", "a"), decline(2, "payments", "b")))
	again := decline(7, "orders", "a")
	again.Alert.ResolvedAt = minute(6)
	require.NoError(t, s.PutDeclined(again))
	s = reopen(t, s)

	all, err := s.Declined(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, all, 2)
	require.Equal(t, "payments", all[0].Alert.Job)
	require.Equal(t, []any{2, minute(1), minute(7), minute(6)},
		[]any{all[1].Count, all[1].First, all[1].Last, all[1].Alert.ResolvedAt})
	of, err := s.Declined(episode.JobRef{Job: "orders"}, "", 0)
	require.NoError(t, err)
	require.Equal(t, all[1:], of)
	older, err := s.Declined(episode.JobRef{}, all[0].ID, 0)
	require.NoError(t, err)
	require.Equal(t, all[1:], older)
	_, err = s.Declined(episode.JobRef{}, "9", 0)
	require.ErrorContains(t, err, `history: declined alerts: id "9" is not a ULID`)

	s.Now = func() time.Time { return minute(91 * 24 * 60) }
	n, err := s.Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 2, n)
	require.NoError(t, s.PutDeclined(decline(1, "orders", "a")), "not known any more")
}

func TestDeclinedAreBounded(t *testing.T) {
	s := openNew(t)
	var ds []episode.Declined
	for n := range kinds.KeepDeclined + 20 {
		ds = append(ds, episode.Declined{
			Alert: episode.Alert{Fingerprint: fmt.Sprint(n)}, Reason: "no-job",
			First: minute(n),
		})
	}
	require.NoError(t, s.PutDeclined(ds...))
	kept, err := s.Declined(episode.JobRef{}, "", MaxLimit)
	require.NoError(t, err)
	require.Len(t, kept, kinds.KeepDeclined)
	require.Equal(t, minute(20), kept[len(kept)-1].First, "the oldest was dropped")
}

func TestTriggersOfAnEpisode(t *testing.T) {
	s := openNew(t)
	for _, state := range []episode.State{episode.Measuring, episode.Done} {
		e := newEpisode(1, "orders", state)
		require.NoError(t, s.PutEpisode(e), "the worker does not know the triggers and stores its own copy")
		size := episode.Alert{Rule: "checkpoint-size", Fingerprint: string("s" + state), StartsAt: minute(1)}
		for range 2 {
			_, err := s.PutTrigger(e.ID, size)
			require.NoError(t, err)
		}
		size.ResolvedAt = minute(9)
		stored, err := s.PutTrigger(e.ID, size)
		require.NoError(t, err)
		require.True(t, stored)
		size.ResolvedAt = minute(10)
		stored, err = s.PutTrigger(e.ID, size)
		require.NoError(t, err)
		require.False(t, stored, "it has an end already")
	}
	list, err := s.Episodes(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, list[0].Triggers, 2)
	require.Equal(t, minute(9), list[0].Triggers[0].ResolvedAt)
	require.Equal(t, episode.Done, list[0].State)
	stored, err := s.PutTrigger(idAt(70), episode.Alert{})
	require.NoError(t, err)
	require.False(t, stored, "there is no such episode")
}

func TestAlertEnd(t *testing.T) {
	s := openNew(t)
	done := newEpisode(1, "orders", episode.Done)
	require.NoError(t, s.PutEpisode(done))
	running := newEpisode(2, "orders", episode.Measuring)
	require.NoError(t, s.PutEpisode(running))
	for _, id := range []string{done.ID, running.ID} {
		stored, err := s.PutAlertEnd(id, minute(9))
		require.NoError(t, err)
		require.True(t, stored)
	}
	stored, err := s.PutAlertEnd(done.ID, minute(10))
	require.NoError(t, err)
	require.False(t, stored, "it has an end already")
	stored, err = s.PutAlertEnd(idAt(70), minute(10))
	require.NoError(t, err)
	require.False(t, stored, "there is no such episode")
	_, err = s.PutAlertEnd("x", minute(10))
	require.ErrorContains(t, err, "is not a ULID")

	// The worker does not know the end and stores its own copy.
	running.State = episode.Done
	require.NoError(t, s.PutEpisode(running))
	require.NoError(t, s.PutEpisode(done), "the same again")
	list, err := s.Episodes(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	for _, e := range list {
		require.Equal(t, minute(9), e.Alert.ResolvedAt)
		one, _, err := s.Episode(e.ID)
		require.NoError(t, err)
		require.Equal(t, minute(9), one.Alert.ResolvedAt)
		require.Equal(t, episode.Done, one.State)
	}
}
