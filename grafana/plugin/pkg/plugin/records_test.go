package plugin

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// seedOf is the seed of the record that is due n minutes after start.
func seedOf(n int) string { return "fsp-" + idAt(n) + "-0" }

// aRecord is a record of the probe, due n minutes after start: one of two sinks has it.
func aRecord(n int) episode.ProbeRecord {
	acknowledged, latency := 20*time.Millisecond, 3*time.Second
	return episode.ProbeRecord{
		Seed: seedOf(n), Round: idAt(n), Key: "k", Partition: 1, Intended: start.Add(time.Duration(n) * time.Minute),
		OnTimeWithin: time.Second, Cutoff: time.Minute, Acknowledged: &acknowledged,
		Sinks: []episode.AtSink{
			{Sink: "audit", Outcome: episode.Lost}, {Sink: "search", Outcome: episode.Late, Latency: &latency, Duplicates: 1},
		},
	}
}

// twoMoments has an episode with profiles at start and one half an hour later, a nearer one of
// another job, and records of the probe of each minute.
func twoMoments(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.trees = stored{"first": "a", "calm": "b", "second": "c", "other": "d"}
	w.status.Probe = &api.Probe{Cluster: "prod", Job: "orders"}
	for n, c := range map[int]struct{ job, hash string }{
		0: {"orders", "first"}, 30: {"orders", "second"}, 32: {"payments", "other"},
	} {
		e := anEpisode(n)
		e.Alert.Job, e.Profiles[0].Hash = c.job, c.hash
		require.NoError(t, w.store.PutEpisode(e))
	}
	for n := range 60 {
		require.NoError(t, w.store.Probes().Put([]episode.ProbeRecord{aRecord(n)}))
	}
	return w
}

// names are the names of the frames of a flame graph.
func names(t *testing.T, f *data.Frame) []string {
	t.Helper()
	_, i := f.FieldByName("label")
	require.GreaterOrEqual(t, i, 0)
	return f.Fields[i].Config.TypeConfig.Enum.Text
}

// TestExemplarOpensItsMoment: the seed of a record leads to the profile of the probe's job that was
// taken nearest to it, and to its control, whatever the time range is.
func TestExemplarOpensItsMoment(t *testing.T) {
	w := twoMoments(t)
	elsewhere := backend.TimeRange{From: start.Add(-48 * time.Hour), To: start.Add(-47 * time.Hour)}
	for n, c := range map[int]struct{ name, mode string }{
		2: {"a", ""}, 14: {"a", ""}, 25: {"c", ""}, 33: {"c", ""}, 34: {"c", "ITIMER"},
	} {
		answer := w.askOver(t, "flamegraph", map[string]any{"seed": seedOf(n), "mode": c.mode}, elsewhere)
		require.NoError(t, answer.Error)
		require.Contains(t, names(t, answer.Frames[0]), c.name, "minute %d", n)
		both := w.askOver(t, "diff", map[string]any{"seed": seedOf(n)}, elsewhere)
		require.NoError(t, both.Error)
		require.Contains(t, names(t, both.Frames[0]), c.name, "minute %d", n)
		require.Contains(t, names(t, both.Frames[0]), "b", "the control")
	}
}

// TestRecordWithoutAProfile: none is shown in the place of one that is near.
func TestRecordWithoutAProfile(t *testing.T) {
	w := twoMoments(t)
	for _, query := range []map[string]any{{"seed": seedOf(55)}, {"seed": seedOf(2), "mode": "ALLOC"}} {
		for _, kind := range []string{"flamegraph", "diff"} {
			f := w.ask(t, kind, query).Frames[0]
			require.Equal(t, 1, f.Rows(), "%s %v", kind, query)
			require.Contains(t, f.Meta.Notices[0].Text, "within 15 minutes of the record")
		}
	}
	gone := w.ask(t, "flamegraph", map[string]any{"seed": seedOf(99)})
	require.ErrorContains(t, gone.Error, "choose a newer exemplar")
	require.Equal(t, backend.StatusNotFound, gone.Status)
}

// TestRecordsInPages: there may be more than the sidecar lists at a time.
func TestRecordsInPages(t *testing.T) {
	const all = pageRows + 50
	w := newWorld(t)
	var list []episode.ProbeRecord
	for n := range all {
		r := aRecord(0)
		r.Seed, r.Sinks = fmt.Sprintf("fsp-%s-%d", r.Round, n), r.Sinks[:1]
		list = append(list, r)
	}
	require.NoError(t, w.store.Probes().Put(list))
	for limit, said := range map[int]bool{pageRows: true, all - 1: true, all: false, maxRows: false} {
		f := w.ask(t, "records", map[string]any{"limit": limit}).Frames[0]
		require.Equal(t, min(limit, all), f.Rows())
		require.Equal(t, said, len(f.Meta.Notices) > 0, "limit %d", limit)
	}
}

// TestRecords: each has its links, those of an outcome are few, and what is left out is said.
func TestRecords(t *testing.T) {
	w := twoMoments(t)
	one := w.askOver(t, "records", map[string]any{"seed": seedOf(14)}, backend.TimeRange{}).Frames[0]
	require.Equal(t, 2, one.Rows(), "a row for each sink")
	_, i := one.FieldByName("profile")
	require.Equal(t, "first", one.Fields[i].At(0))
	require.NotEmpty(t, one.Fields[i].Config.Links)

	cut := w.ask(t, "records", map[string]any{"outcome": "late", "limit": 3}).Frames[0]
	require.Equal(t, 3, cut.Rows(), "the limit is one of rows")
	require.Contains(t, cut.Meta.Notices[0].Text, "Only the newest 3")
	require.Empty(t, w.ask(t, "records", map[string]any{"limit": 120}).Frames[0].Meta.Notices, "these are all")
	require.Zero(t, w.ask(t, "records", map[string]any{"outcome": "on_time"}).Frames[0].Rows())

	w.status.Probe = nil
	far := w.ask(t, "records", map[string]any{"seed": seedOf(14)}).Frames[0]
	_, i = far.FieldByName("profile")
	require.Empty(t, far.Fields[i].At(0), "whose records they are is not known")
}

// TestOldRecordsHaveTheirProfiles: between the records there may be more profiles than the sidecar lists
// at a time. What is not looked at is said.
func TestOldRecordsHaveTheirProfiles(t *testing.T) {
	const profiles = 10 // a list has no more of an episode
	for between, oldest := range map[int]string{pageRows/profiles + 1: "first", maxRows / profiles: ""} {
		w := newWorld(t)
		w.status.Probe = &api.Probe{Cluster: "prod", Job: "orders"}
		put := func(e episode.Episode, hash string) {
			e.Alert.Job, e.Profiles[0].Hash = "orders", hash
			require.NoError(t, w.store.PutEpisode(e))
		}
		put(anEpisode(0), "first")
		for n := range between {
			e := anEpisode(20)
			e.Profiles = slices.Repeat(e.Profiles[:1], profiles)
			var id ulid.ULID
			require.NoError(t, id.SetTime(ulid.Timestamp(e.Opened)+uint64(n)))
			e.ID = id.String()
			put(e, "later")
		}
		require.NoError(t, w.store.Probes().Put([]episode.ProbeRecord{aRecord(0), aRecord(30)}))
		f := w.ask(t, "records", nil).Frames[0]
		require.Equal(t, []string{"later", "later", oldest, oldest}, texts(t, f, "profile"), "each at two sinks")
		require.Equal(t, oldest == "", len(noticesOf(f)) > 0, "%s", noticesOf(f))
	}
}
