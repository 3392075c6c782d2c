package history

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/episodetest"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

var freeze = flag.Bool("freeze", false, "write a file of the present schema to testdata, if there is none")

// frozenName is the name of a frozen file without its endings.
func frozenName(schema int) string { return fmt.Sprintf("testdata/schema%d", schema) }

// TestFreeze writes a file of the present schema with something in every field, and what it
// holds as JSON. Each schema is frozen once, by the code that had it.
func TestFreeze(t *testing.T) {
	name := frozenName(len(migrations))
	if _, err := os.Stat(name + ".db.gz"); err == nil || !*freeze {
		require.NoError(t, err, "schema %d is new: freeze a file of it with go test ./internal/history -run Freeze -freeze",
			len(migrations))
		return
	}
	path := filepath.Join(t.TempDir(), "history.db")
	s, err := Open(t.Context(), configFor(path), quiet())
	require.NoError(t, err)
	s.Now = func() time.Time { return later }
	fillEverything(t, s)
	require.NoError(t, s.Probes().Verify())
	held, err := json.MarshalIndent(readAll(t, s), "", " ")
	require.NoError(t, err)
	require.NoError(t, s.Close())
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	var packed bytes.Buffer
	z, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	require.NoError(t, err)
	_, err = io.Copy(z, file)
	require.NoError(t, err)
	require.NoError(t, z.Close())
	require.NoError(t, os.WriteFile(name+".db.gz", packed.Bytes(), 0o644))
	require.NoError(t, os.WriteFile(name+".json", append(held, '\n'), 0o644))
}

// readAll returns every entry of a history.
func readAll(t *testing.T, s *Store) stored {
	t.Helper()
	all := stored{}
	require.NoError(t, s.view(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
			in := map[string]json.RawMessage{}
			all[ledger.Bucket(name)] = in
			return b.ForEach(func(k, v []byte) error {
				if !json.Valid(v) {
					v = fmt.Appendf(nil, "%q", hex.EncodeToString(v))
				}
				in[hex.EncodeToString(k)] = bytes.Clone(v)
				return nil
			})
		})
	}))
	return all
}

// fillEverything writes entries of each kind, with something in every field.
func fillEverything(t *testing.T, s *Store) {
	t.Helper()
	f := &episodetest.Filler{}
	for i, state := range []episode.State{episode.Opened, episode.Advising, episode.Done, episode.Failed} {
		var e episode.Episode
		f.Fill(&e)
		e.ID, e.State, e.Opened, e.Alert.Cluster, e.Alert.Job = idAt(i+1), state, start, "prod", "orders"
		require.NoError(t, s.PutEpisode(e))
		var m episode.Measurement
		f.Fill(&m)
		m.ID, m.Cluster, m.Job = idAt(i+20), "prod", "billing"
		require.NoError(t, s.PutMeasurement(m))
		var d episode.Declined
		f.Fill(&d)
		d.ID, d.First, d.Last = idAt(i+80), start.Add(time.Duration(i)*time.Minute), start.Add(time.Duration(i+1)*time.Minute)
		require.NoError(t, s.PutDeclined(d))
	}
	for i, job := range []string{"orders", "billing"} {
		var e episode.Epoch
		f.Fill(&e)
		e.Cluster, e.Job, e.Began = "prod", job, start.Add(time.Duration(i)*time.Minute)
		_, err := s.PutEpoch(e)
		require.NoError(t, err)
	}
	fillRecords(t, s, f)
	fillLater(t, s, f)
	require.NoError(t, s.PutPaused([]string{"probe", "llm"}))
	require.NoError(t, s.PutLockedOut(map[string]time.Time{"prod/orders/v1": later.Add(time.Hour)}))
}

// fillRecords writes records that are on their way and records that have arrived.
func fillRecords(t *testing.T, s *Store, f *episodetest.Filler) {
	t.Helper()
	for i, outcome := range []episode.RecordOutcome{episode.Pending, episode.OnTime, episode.Lost} {
		var r episode.ProbeRecord
		f.Fill(&r)
		like := record(i, outcome, outcome)
		r.Seed, r.Round, r.Intended, r.OnTimeWithin, r.Cutoff = like.Seed, like.Round, like.Intended, like.OnTimeWithin, like.Cutoff
		for j := range r.Sinks {
			r.Sinks[j].Sink, r.Sinks[j].Outcome, r.Sinks[j].Order = like.Sinks[j].Sink, outcome, episode.InOrder
		}
		require.NoError(t, s.Probes().Put([]episode.ProbeRecord{r}))
	}
}

// fillLater writes what came with later schemas.
func fillLater(t *testing.T, s *Store, f *episodetest.Filler) {
	t.Helper()
	for i := range 2 {
		var test scalerun.Test
		f.Fill(&test)
		test.ID, test.Cluster, test.Job = idAt(i+40), "prod", "orders"
		require.NoError(t, s.PutScaleTest(test))
		var e episode.Evaluation
		f.Fill(&e)
		e.ID, e.Cluster, e.Job = idAt(i+60), "prod", "orders"
		require.NoError(t, s.PutEvaluation(e))
		var triage episode.Triage
		f.Fill(&triage)
		triage.ID, triage.Cluster, triage.Job = idAt(i+100), "prod", "orders"
		require.NoError(t, s.PutTriage(triage))
		require.NoError(t, s.PutPage("prod", start.Add(time.Duration(i)*time.Minute), fmt.Appendf(nil, "page %d", i),
			episode.Thinning{Whole: time.Hour}))
	}
	var scores []episode.RuleScore
	f.Fill(&scores)
	require.NoError(t, s.PutScores(scores))
}
