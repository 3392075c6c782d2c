package boltfile

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.etcd.io/bbolt"
)

// written returns a file from bbolt with branch pages, overflow pages, free pages and a
// list of free pages, and its entries by bucket and key.
func written(t testing.TB) (data []byte, entries map[string]string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bolt.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	require.NoError(t, err)
	entries = map[string]string{}
	put := func(bucket string, keys int, value string) {
		require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte(bucket))
			require.NoError(t, err)
			for n := range keys {
				key := fmt.Sprintf("key %06d", n)
				entries[bucket+"\x00"+key] = value
				require.NoError(t, b.Put([]byte(key), []byte(value)))
			}
			return nil
		}))
	}
	put("inline", 3, "small")
	put("deep", 3000, "value")
	put("wide", 5, strings.Repeat("overflow ", 3000))
	put("deep", 1500, "another value")
	require.NoError(t, db.Close())
	data, err = os.ReadFile(path)
	require.NoError(t, err)
	return data, entries
}

func TestWalkVisitsEveryEntry(t *testing.T) {
	data, want := written(t)
	got, buckets := map[string]string{}, []string{}
	head, err := Walk(bytes.NewReader(data), int64(len(data)), func(bucket, key, value []byte) {
		if bucket == nil {
			buckets = append(buckets, string(key))
			return
		}
		got[string(bucket)+"\x00"+string(key)] = string(value)
	})
	require.NoError(t, err)
	require.NoError(t, head.Damaged)
	require.Equal(t, want, got)
	require.Equal(t, []string{"deep", "inline", "wide"}, buckets)
}

// If one meta page is damaged, the other is used. If both are damaged, the file is.
func TestOneDamagedMetaPage(t *testing.T) {
	data, _ := written(t)
	nothing := func(_, _, _ []byte) {}
	for id := range 2 {
		damaged := bytes.Clone(data)
		damaged[id*4096+pageHeaderSize+50] ^= 4
		head, err := Walk(bytes.NewReader(damaged), int64(len(damaged)), nothing)
		require.NoError(t, err)
		require.ErrorIs(t, head.Damaged, ErrDamaged)
		require.ErrorContains(t, head.Damaged, fmt.Sprintf("meta page %d is not sound", id))

		damaged[(1-id)*4096+pageHeaderSize+50] ^= 4
		_, err = Walk(bytes.NewReader(damaged), int64(len(damaged)), nothing)
		require.ErrorIs(t, err, ErrDamaged)
	}
}

// TestLongListOfFreePages has more free pages than the header of the list can count. A sound
// file with so many free pages must not be taken for a damaged one.
func TestLongListOfFreePages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bolt.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true, PageSize: 1024})
	require.NoError(t, err)
	for _, value := range [][]byte{make([]byte, 68<<20), []byte("small"), []byte("small again")} {
		require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("bucket"))
			require.NoError(t, err)
			return b.Put([]byte("key"), value)
		}))
	}
	require.Greater(t, db.Stats().FreePageN, 0xffff)
	require.NoError(t, db.Close())
	file, err := os.Open(path)
	require.NoError(t, err)
	defer file.Close()
	info, err := file.Stat()
	require.NoError(t, err)
	head, err := Walk(file, info.Size(), func(_, _, _ []byte) {})
	require.NoError(t, err)
	require.NoError(t, head.Damaged)
}

func TestListOfFreePagesIsChecked(t *testing.T) {
	data, _ := written(t)
	m, _, err := readMeta(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	require.NotEqual(t, uint64(noFreelist), m.freelist)
	for name, id := range map[string]uint64{"in use": m.root, "beyond the file": m.pages + 7} {
		native.PutUint64(data[m.freelist*m.pageSize+pageHeaderSize:], id)
		_, err = Walk(bytes.NewReader(data), int64(len(data)), func(_, _, _ []byte) {})
		require.ErrorIs(t, err, ErrDamaged, name)
		require.ErrorContains(t, err, fmt.Sprintf("page %d is free and in use", id), name)
	}
}

// TestPageThatIsNeitherUsedNorFreeIsDamage: one bit makes the list of free pages shorter.
func TestPageThatIsNeitherUsedNorFreeIsDamage(t *testing.T) {
	data, _ := written(t)
	m, _, err := readMeta(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	count := data[m.freelist*m.pageSize+10:]
	require.Positive(t, native.Uint16(count))
	native.PutUint16(count, native.Uint16(count)-1)
	_, err = Walk(bytes.NewReader(data), int64(len(data)), func(_, _, _ []byte) {})
	require.ErrorIs(t, err, ErrDamaged)
	require.ErrorContains(t, err, "is neither in use nor free")
}

// TestChangedKeyOfABranchIsDamage: bbolt would not find the page that it replaces, and use it twice.
func TestChangedKeyOfABranchIsDamage(t *testing.T) {
	data, _ := written(t)
	walk := func(data []byte) error {
		_, err := Walk(bytes.NewReader(data), int64(len(data)), func(_, _, _ []byte) {})
		return err
	}
	branches := 0
	for from := 2 * 4096; from < len(data); from += 4096 {
		without := bytes.Clone(data)
		clear(without[from : from+4096])
		if parsePage(data[from:]).flags != flagBranch || walk(without) == nil {
			continue // the page is a leaf, or free
		}
		branches++
		first := from + bytes.Index(data[from:from+4096], []byte("key "))
		damaged := bytes.Clone(data)
		damaged[first] = 'j' // the order of the keys stays
		require.ErrorContains(t, walk(damaged), "holds its keys out of order")
	}
	require.Positive(t, branches)
}

// TestSoundFilesAreInOrder: what bbolt makes of random writes and deletions is no damage.
func TestSoundFilesAreInOrder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bolt.db")
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{NoSync: true})
	require.NoError(t, err)
	random := rand.New(rand.NewPCG(5, 6))
	for range 150 {
		require.NoError(t, db.Update(func(tx *bbolt.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte("b"))
			require.NoError(t, err)
			from, often, drop := random.IntN(20_000), random.IntN(600), random.IntN(2) == 0
			for i := range often {
				key := fmt.Appendf(nil, "key %06d", from+i*(1+from%3))
				if drop {
					require.NoError(t, b.Delete(key))
				} else {
					require.NoError(t, b.Put(key, bytes.Repeat([]byte("v"), random.IntN(200))))
				}
			}
			return nil
		}))
		data, err := os.ReadFile(path)
		require.NoError(t, err)
		_, err = Walk(bytes.NewReader(data), int64(len(data)), func(_, _, _ []byte) {})
		require.NoError(t, err)
	}
	require.NoError(t, db.Close())
}

func FuzzWalk(f *testing.F) {
	data, _ := written(f)
	f.Add(data[:4096*4])
	f.Fuzz(func(t *testing.T, data []byte) {
		_, err := Walk(bytes.NewReader(data), int64(len(data)), func(_, _, _ []byte) {})
		if err != nil && !errors.Is(err, ErrDamaged) {
			t.Fatal(err)
		}
	})
}
