package history

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history/boltfile"
	"github.com/flink-sidecar/flink-sidecar/internal/history/kinds"
	"github.com/flink-sidecar/flink-sidecar/internal/history/ledger"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// soundFile writes a history with branch pages, overflow pages and free pages, and
// returns its path and contents.
func soundFile(t *testing.T) (string, map[string][32]byte) {
	t.Helper()
	s := openNew(t)
	fill(t, s, 60)
	big := newMeasurement(70, "orders")
	big.Warnings = []string{strings.Repeat("a doubt ", 2000)}
	require.NoError(t, s.PutMeasurement(big))
	fill(t, s, 60)
	content := dump(t, s)
	require.NoError(t, s.Close())
	return s.Path(), content
}

func TestDamagedFileIsSetAside(t *testing.T) {
	sound, _ := soundFile(t)
	const page = 4096
	for _, test := range []struct {
		name   string
		damage func([]byte) []byte
		reason string
	}{
		{"cut to half", func(b []byte) []byte { return b[:len(b)/2] }, "cut short"},
		{"cut to two pages", func(b []byte) []byte { return b[:2*page] }, "cut short"},
		{"cut to one page", func(b []byte) []byte { return b[:page] }, "cut short"},
		{"cut to ten bytes", func(b []byte) []byte { return b[:10] }, "the file ends within its first pages"},
		{"first two pages zeroed", func(b []byte) []byte { clear(b[:2*page]); return b }, "meta page 0 is not sound"},
		{"first page zeroed and a value changed", func(b []byte) []byte {
			clear(b[:page])
			return []byte(strings.ReplaceAll(string(b), `"job":"orders"`, `"job":"0rders"`))
		}, "its entries differ from those last written"},
		{"all zeros", func(b []byte) []byte { clear(b); return b }, "meta page 0 is not sound"},
		{"a value changed", func(b []byte) []byte {
			return []byte(strings.ReplaceAll(string(b), `"job":"orders"`, `"job":"0rders"`))
		}, "its entries differ from those last written"},
		{"a bucket renamed", func(b []byte) []byte {
			return []byte(strings.ReplaceAll(string(b), "epochs/by_job", "epochs/by_jab"))
		}, "its entries differ from those last written"},
		{
			"all but the first pages zeroed", func(b []byte) []byte { clear(b[2*page:]); return b },
			"has a wrong header",
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "history.db")
			data, err := os.ReadFile(sound)
			require.NoError(t, err)
			damaged := test.damage(data)
			require.NoError(t, os.WriteFile(path, damaged, 0o600))

			log := &testLog{}
			s, err := Open(t.Context(), configFor(path), log.logger())
			require.NoError(t, err)
			defer s.Close()
			require.Contains(t, log.String(), "History is damaged: it is renamed and a new one begins")
			require.Contains(t, log.String(), test.reason)
			inMemory, _ := s.Memory()
			require.False(t, inMemory)
			kept, err := os.ReadFile(s.SetAside())
			require.NoError(t, err)
			require.Equal(t, damaged, kept)
			require.True(t, strings.HasPrefix(s.SetAside(), path+".damaged-2"), s.SetAside())
			require.NoError(t, s.PutEpisode(newEpisode(400, "orders", episode.Opened)))
		})
	}
}

// TestDamageLeavesTheRest: without one page the other entries are in the new history, with their
// indexes, what is paused, and without the account of the probe. A salvage that was interrupted goes
// on at the next start, and a whole history is never salvaged again.
func TestDamageLeavesTheRest(t *testing.T) {
	sound, _ := soundFile(t)
	path := filepath.Join(t.TempDir(), "history.db")
	data, err := os.ReadFile(sound)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	s, err := Open(t.Context(), configFor(path), quiet())
	require.NoError(t, err)
	s.Now = func() time.Time { return later }
	require.NoError(t, s.PutPaused([]string{"llm"}))
	require.NoError(t, s.PutMedians([]episode.TrendMedian{{}}))
	require.NoError(t, s.PutScaleTest(scalerun.Test{ID: idAt(3), Run: "r", Label: "x", Job: "orders"}))
	require.NoError(t, s.PutEvaluation(episode.Evaluation{ID: idAt(4), Job: "orders"}))
	require.NoError(t, s.PutTriage(episode.Triage{ID: idAt(5), Job: "orders", At: start}))
	require.NoError(t, s.PutDeclined(episode.Declined{Alert: episode.Alert{Job: "orders"}, First: start}))
	want, err := s.Episodes(episode.JobRef{}, "", MaxLimit)
	require.NoError(t, err)
	at := leafOf(t, s, ledger.BucketMeasures)
	require.NoError(t, s.Close())
	data, err = os.ReadFile(path)
	require.NoError(t, err)
	clear(data[at*4096 : (at+1)*4096])
	require.NoError(t, os.WriteFile(path, data, 0o600))

	log := &testLog{}
	s, err = Open(t.Context(), configFor(path), log.logger())
	require.NoError(t, err)
	s.Now = func() time.Time { return later }
	require.Contains(t, log.String(), "Of the damaged history what can be read is in the new one")
	got := s.Salvaged()
	require.Equal(t, []int{0, 1}, []int{got.Unreadable, got.LostPages})
	episodes, err := s.Episodes(episode.JobRef{Job: "orders"}, "", MaxLimit)
	require.NoError(t, err)
	require.Equal(t, want, episodes)
	open, err := s.Unfinished()
	require.NoError(t, err)
	require.Len(t, open, len(want))
	ms, err := s.Measurements(episode.JobRef{Job: "orders"}, "", time.Time{}, time.Time{}, MaxLimit)
	require.NoError(t, err)
	require.Greater(t, len(ms), 30)
	require.Less(t, len(ms), 61)
	medians, err := s.Medians()
	require.NoError(t, err)
	require.Len(t, medians, 1, "trends go on with them")
	tests, err := s.RunTests("r", episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, tests, 1)
	evaluations, err := s.Evaluations(episode.JobRef{Job: "orders"}, "", 0)
	require.NoError(t, err)
	require.Len(t, evaluations, 1)
	triages, err := s.Triages(episode.JobRef{}, 0)
	require.NoError(t, err)
	require.Len(t, triages, 1)
	declined, err := s.Declined(episode.JobRef{}, "", 0)
	require.NoError(t, err)
	require.Len(t, declined, 1)
	epochs, err := s.Epochs(episode.JobRef{}, 0)
	require.NoError(t, err)
	require.Len(t, epochs, 1)
	paused, err := s.Paused()
	require.NoError(t, err)
	require.Equal(t, []string{"llm"}, paused)
	totals, err := s.Probes().Totals()
	require.NoError(t, err)
	require.Empty(t, totals)
	aside := s.SetAside()
	require.NoError(t, s.Close())
	check(t, path)

	s, err = Open(t.Context(), configFor(path), quiet())
	require.NoError(t, err)
	require.Equal(t, Salvaged{}, s.Salvaged(), "once")
	require.NoError(t, s.update(func(t *ledger.Txn) error { // as if the salvage had been interrupted
		return errors.Join(salvageNext(t, aside), kinds.Measurements.Drop(t, ulid.MustParse(ms[0].ID), ms[0]))
	}))
	require.NoError(t, s.Close())
	s, err = Open(t.Context(), configFor(path), quiet())
	require.NoError(t, err)
	require.Equal(t, got, s.Salvaged())
	again, err := s.Measurements(episode.JobRef{Job: "orders"}, "", time.Time{}, time.Time{}, MaxLimit)
	require.NoError(t, err)
	require.Equal(t, ms, again)
	require.NoError(t, s.Close())
}

// leafOf is the id of a page that has entries of a bucket.
func leafOf(t *testing.T, s *Store, name ledger.Bucket) (id int) {
	t.Helper()
	require.NoError(t, s.view(func(tx *bbolt.Tx) error {
		root := tx.Bucket([]byte(name)).Root()
		for i := range int(tx.Size() / 4096) {
			p, err := tx.Page(i)
			if err != nil {
				return err
			}
			if p != nil && p.Type == "leaf" && p.ID != int(root) && p.Count > 3 && holds(t, s, i, `"kind":"window"`) {
				id = i
			}
		}
		return nil
	}))
	require.NotZero(t, id)
	return id
}

// holds reports whether a page of the file of a store has a text.
func holds(t *testing.T, s *Store, page int, text string) bool {
	t.Helper()
	data, err := os.ReadFile(s.Path())
	require.NoError(t, err)
	return strings.Contains(string(data[page*4096:(page+1)*4096]), text)
}

// One damaged meta page loses at most the last write, and the next write repairs it.
func TestOneDamagedMetaPageIsUsed(t *testing.T) {
	sound, content := soundFile(t)
	for id := range 2 {
		data, err := os.ReadFile(sound)
		require.NoError(t, err)
		data[id*4096+16+50] ^= 4
		path := filepath.Join(t.TempDir(), "history.db")
		require.NoError(t, os.WriteFile(path, data, 0o600))
		log := &testLog{}
		s, err := Open(t.Context(), configFor(path), log.logger())
		require.NoError(t, err)
		require.Empty(t, s.SetAside())
		require.Contains(t, log.String(),
			"History has one damaged meta page and uses the other one: the last write may be missing")
		require.GreaterOrEqual(t, len(dump(t, s)), len(content)-1)
		s.Now = func() time.Time { return later }
		require.NoError(t, s.PutEpisode(newEpisode(500, "orders", episode.Opened)))
		require.NoError(t, s.PutEpisode(newEpisode(501, "orders", episode.Opened)))
		require.NoError(t, s.Close())
		check(t, path)
		again := &testLog{}
		s, err = Open(t.Context(), configFor(path), again.logger())
		require.NoError(t, err)
		require.NoError(t, s.Close())
		require.NotContains(t, again.String(), "damaged")
	}
}

func TestEmptiedFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "history.db")
	require.NoError(t, os.WriteFile(path, nil, 0o600))
	log := &testLog{}
	s, err := Open(t.Context(), configFor(path), log.logger())
	require.NoError(t, err)
	require.Contains(t, log.String(), "History file was empty: a new history begins")
	require.Empty(t, s.SetAside())
	require.NoError(t, s.Close())
}

// TestRandomDamage flips bits, zeroes pages and truncates. The opened history must
// equal the written one, or report the damage. make crash damages 1,000 files.
func TestRandomDamage(t *testing.T) {
	sound, content := soundFile(t)
	data, err := os.ReadFile(sound)
	require.NoError(t, err)
	files := 150
	if n, err := strconv.Atoi(os.Getenv("FILES")); err == nil {
		files = n
	}
	whole := 0 // entries that can be saved
	for key := range content {
		name, _, _ := strings.Cut(key, "\x00")
		if _, is := kinds.Savers[ledger.Bucket(name)]; is {
			whole++
		}
	}
	harmless, saved := 0, 0
	for n := range files {
		path := filepath.Join(t.TempDir(), fmt.Sprint(n))
		require.NoError(t, os.WriteFile(path, damage(data, rand.New(rand.NewPCG(uint64(n), 7))), 0o600))
		log := &testLog{}
		s, err := Open(t.Context(), configFor(path), log.logger())
		require.NoError(t, err, "file %d", n)
		if s.SetAside() == "" {
			harmless++
			if !strings.Contains(log.String(), "the last write may be missing") {
				require.Equal(t, content, dump(t, s), "file %d has wrong contents and no error", n)
			}
			fill(t, s, 2)
		} else {
			saved += s.Salvaged().Saved
			requireSaved(t, s, content)
		}
		require.NoError(t, s.Close())
		check(t, path)
	}
	t.Logf("%d files, %d of them hit where nothing is stored; %d entries were saved of a damaged file on average", files,
		harmless, saved/max(1, files-harmless))
	require.Positive(t, saved)
	require.Less(t, harmless, files)
	keepFigures(t, func(f *longForm) {
		f.Files, f.Harmless, f.Entries, f.Written = files, harmless, saved, whole*(files-harmless)
	})
}

// requireSaved: what a new history has of a damaged one is what was written, but for values that were
// hit themselves and can still be read: at most eight bits are.
func requireSaved(t *testing.T, s *Store, content map[string][32]byte) {
	t.Helper()
	differ := 0
	for key, hash := range dump(t, s) {
		name, _, _ := strings.Cut(key, "\x00")
		if name == string(ledger.BucketMeta) {
			continue
		}
		want, known := content[key]
		if !known || want != hash {
			differ++
		}
	}
	require.LessOrEqual(t, differ, 3*8, "an entry, its summary and its index")
}

func damage(sound []byte, rng *rand.Rand) []byte {
	data := append([]byte{}, sound...)
	switch rng.IntN(4) {
	case 0:
		return data[:rng.IntN(len(data)-1)+1]
	case 1:
		from := rng.IntN(len(data)/4096) * 4096
		clear(data[from : from+4096])
	case 2:
		for range 1 + rng.IntN(8) {
			data[rng.IntN(len(data))] ^= 1 << rng.IntN(8)
		}
	case 3: // the heads of pages, where the structure is
		for range 1 + rng.IntN(3) {
			data[rng.IntN(len(data)/4096)*4096+rng.IntN(96)] ^= 1 << rng.IntN(8)
		}
	}
	return data
}

func FuzzInspect(f *testing.F) {
	dir := f.TempDir()
	s, err := Open(f.Context(), configFor(filepath.Join(dir, "h.db")), quiet())
	require.NoError(f, err)
	require.NoError(f, s.Close())
	data, err := os.ReadFile(s.Path())
	require.NoError(f, err)
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := inspect(strings.NewReader(string(data)), int64(len(data)))
		if err != nil && !errors.Is(err, boltfile.ErrDamaged) && !errors.Is(err, ErrForeign) &&
			!errors.Is(err, ErrNewer) {
			t.Fatal(err)
		}
	})
}

// TestListOfFreePages opens a file with a list of free pages from another program, for
// example bbolt's own tool.
func TestListOfFreePages(t *testing.T) {
	path, content := soundFile(t)
	db, err := bbolt.Open(path, 0o600, nil) // writes the list
	require.NoError(t, err)
	require.NoError(t, db.Close())

	s, err := Open(t.Context(), configFor(path), quiet())
	require.NoError(t, err)
	require.Empty(t, s.SetAside())
	require.Equal(t, content, dump(t, s))
	require.NoError(t, s.Close())
}
