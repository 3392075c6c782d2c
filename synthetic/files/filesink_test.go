package files

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fileSink writes as one subtask of Flink's FileSink does on a local disk: a part in progress is
// hidden and has a second id, a checkpoint gives it its name. The parts of a compaction are hidden
// until a file with their lines is there.
type fileSink struct {
	t           *testing.T
	dir, id     string
	suffix      string
	compacts    bool
	parts       int
	open        string   // the part in progress; empty if there is none
	uncompacted []string // paths
}

const partID, secondID, tempID = "3f1c8a52-6a0e-4e0a-9d3a-0c1f6b2d7e44", "b7d0e7c9-52b1-4f5e-8b7d-1f2a3c4d5e6f",
	"0d9b1a7e-8c55-4a52-9a63-7f1e2d3c4b5a"

// write adds records to the part in progress of a bucket.
func (s *fileSink) write(bucket string, records ...string) {
	if s.open == "" {
		name := fmt.Sprintf("part-%s-%d%s", s.id, s.parts, s.suffix)
		if s.compacts {
			name = "." + name
		}
		s.open = filepath.Join(s.dir, bucket, "."+name+".inprogress."+tempID)
		s.parts++
	}
	write(s.t, s.open, strings.Join(records, "\n")+"\n")
}

// checkpoint finishes the part in progress.
func (s *fileSink) checkpoint() {
	name, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(s.open), "."), ".inprogress.")
	finished := filepath.Join(filepath.Dir(s.open), name)
	require.NoError(s.t, os.Rename(s.open, finished))
	if s.open = ""; s.compacts {
		s.uncompacted = append(s.uncompacted, finished)
	}
}

// compact writes the lines of the parts into one, and removes them later.
func (s *fileSink) compact() {
	first := s.uncompacted[0]
	target := filepath.Join(filepath.Dir(first), "compacted-"+strings.TrimPrefix(filepath.Base(first), "."))
	inProgress := filepath.Join(filepath.Dir(first), "."+filepath.Base(target)+".inprogress."+tempID)
	for _, part := range s.uncompacted {
		text, err := os.ReadFile(part)
		require.NoError(s.t, err)
		write(s.t, inProgress, string(text))
	}
	require.NoError(s.t, os.Rename(inProgress, target))
	for _, part := range s.uncompacted {
		require.NoError(s.t, os.Remove(part))
	}
}

func TestFileSinkShowsItsRecordsAtTheCheckpoint(t *testing.T) {
	_, dir, next := reader(t)
	one, two := &fileSink{t: t, dir: dir, id: partID}, &fileSink{t: t, dir: dir, id: secondID, suffix: ".json"}
	one.write("2026-12-01--10", "a", "b")
	two.write("2026-12-01--10", "c")
	require.Empty(t, next(), "in progress")
	one.checkpoint()
	require.Equal(t, []string{
		"2026-12-01--10/part-" + partID + "-0@0 a", "2026-12-01--10/part-" + partID + "-0@2 b",
	}, next())
	one.write("2026-12-01--11", "d") // a bucket that was not there
	two.checkpoint()
	require.Equal(t, []string{"2026-12-01--10/part-" + secondID + "-0.json@0 c"}, next())
	one.checkpoint()
	require.Equal(t, []string{"2026-12-01--11/part-" + partID + "-1@0 d"}, next())

	two.write("2026-12-01--11", "e")
	two.open, two.id, two.parts = "", tempID, 0 // a restart leaves the part behind, and its records are read again
	two.write("2026-12-01--11", "e")
	two.checkpoint()
	require.Equal(t, []string{"2026-12-01--11/part-" + tempID + "-0.json@0 e"}, next())
	require.Empty(t, next())
}

func TestFileSinkWithCompactionShowsARecordOnce(t *testing.T) {
	_, dir, next := reader(t)
	sink := &fileSink{t: t, dir: dir, id: partID, compacts: true}
	for _, record := range []string{"a", "b"} {
		sink.write("2026-12-01--10", record)
		require.Empty(t, next())
		sink.checkpoint()
		require.FileExists(t, filepath.Join(dir, "2026-12-01--10", fmt.Sprintf(".part-%s-%d", partID, sink.parts-1)))
		require.Empty(t, next(), "it waits for the compaction")
	}
	sink.compact()
	compacted := "2026-12-01--10/compacted-part-" + partID + "-0"
	require.Equal(t, []string{compacted + "@0 a", compacted + "@2 b"}, next())
	require.Empty(t, next())
}

func TestABucketThatIsRemoved(t *testing.T) {
	_, dir, next := reader(t)
	sink := &fileSink{t: t, dir: dir, id: partID}
	for _, bucket := range []string{"2026-12-01--10", "2026-12-01--11"} {
		sink.write(bucket, "a")
		sink.checkpoint()
	}
	require.Len(t, next(), 2)
	require.NoError(t, os.RemoveAll(filepath.Join(dir, "2026-12-01--10")))
	require.Empty(t, next())
	sink.write("2026-12-01--10", "b")
	sink.checkpoint()
	require.Equal(t, []string{"2026-12-01--10/part-" + partID + "-2@0 b"}, next())
}

// manyFiles fills folders with more files than one look may ask for. Nothing has changed in them for
// two hours.
func manyFiles(t *testing.T, dir string) {
	t.Helper()
	const folders = 6
	old := time.Now().Add(-2 * time.Hour)
	for hour := range folders {
		folder := filepath.Join(dir, fmt.Sprintf("2026-12-01--%02d", hour))
		require.NoError(t, os.Mkdir(folder, 0o700))
		for part := range maxFiles/folders + 1 {
			name := filepath.Join(folder, fmt.Sprintf("part-%s-%d", partID, part))
			require.NoError(t, os.WriteFile(name, []byte("old\n"), 0o600))
			require.NoError(t, os.Chtimes(name, old, old))
		}
		require.NoError(t, os.Chtimes(folder, old, old))
	}
}

// TestFoldersOfADay shares one tree: making it takes long.
func TestFoldersOfADay(t *testing.T) {
	_, dir, _ := reader(t)
	manyFiles(t, dir)
	old := time.Now().Add(-2 * time.Hour)
	t.Run("become quiet while a probe runs for days", func(t *testing.T) {
		s := &tail{directory: dir, files: map[string]*position{}}
		_, _, err := s.read()
		require.ErrorContains(t, err, "more than 10000 files that may change (move old ones elsewhere, or let the job write",
			"nothing of them was read, so none may be left out")
		all, err := s.list()
		require.NoError(t, err)
		for name, info := range all.files {
			s.files[name] = &position{offset: info.Size(), size: info.Size()}
		}
		lines, _, err := s.read()
		require.NoError(t, err)
		require.Empty(t, lines)
		require.Len(t, s.quiet, 6)
		require.Empty(t, s.files)
	})
	t.Run("are looked at again when a file is added", func(t *testing.T) {
		s := &tail{directory: dir}
		require.NoError(t, s.skip(time.Now()))
		require.Len(t, s.quiet, 6)
		sink := &fileSink{t: t, dir: dir, id: secondID}
		sink.write("2026-12-01--09", "new")
		sink.checkpoint()
		sink.write("2026-12-01--03", "late")
		for _, want := range []string{"new", "late"} { // and none of the old lines
			lines, _, err := s.read()
			require.NoError(t, err)
			require.Len(t, lines, 1)
			require.Equal(t, want+"\n", string(lines[0].text))
			if want == "new" {
				sink.checkpoint()
			}
		}
	})
	t.Run("are not quiet with a part in progress", func(t *testing.T) {
		sink := &fileSink{t: t, dir: dir, id: secondID}
		sink.write("2026-12-01--04", "slow")
		require.NoError(t, os.Chtimes(sink.open, old, old))
		require.NoError(t, os.Chtimes(filepath.Dir(sink.open), old, old))
		s := &tail{directory: dir}
		require.NoError(t, s.skip(time.Now()))
		require.Len(t, s.quiet, 4)
		require.NotContains(t, s.quiet, "2026-12-01--04")
		require.NotContains(t, s.quiet, "2026-12-01--03", "it was changed just now")
	})
}

func TestFilesWithoutLinesAreRefused(t *testing.T) {
	for want, head := range map[string]string{
		"compressed with gzip":    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff",
		"compressed with zstd":    "\x28\xb5\x2f\xfd\x04",
		"compressed with deflate": "\x78\x9c\xab\x56",
		"compressed with snappy":  "\xff\x06\x00\x00sNaPpY\x01",
		"compressed with bzip2":   "BZh91AY&SY\x10",
		"in the format Parquet":   "PAR1\x15\x04\x15",
		"in the format Avro":      "Obj\x01\x04\x14avro.codec",
		"in the format ORC":       "ORC\x0a\x0b\x0a\x03\x00",
		"a SequenceFile":          "SEQ\x06\x19org.apache.hadoop",
		"not text":                "\x00\x00\x00\x2a{\"seed\":1}",
	} {
		s, dir, _ := reader(t)
		sink := &fileSink{t: t, dir: dir, id: partID}
		sink.write("2026-12-01--10", head)
		sink.checkpoint()
		part := "2026-12-01--10/part-" + partID + "-0"
		lines, _, err := s.read()
		require.Empty(t, lines)
		require.EqualError(t, s.explain("archive", err), fmt.Sprintf("files: file %q is %s in directory %q, so its records "+
			"cannot be found (let the job write text with a record on each line, or remove sink archive)", part, want, dir))
		require.ErrorIs(t, s.explain("archive", err), errNotText)
		require.ErrorContains(t, s.skip(time.Now()), want, "the check before the first record sees it too")

		text := &fileSink{t: t, dir: dir, id: secondID}
		text.write("2026-12-01--10", `{"seed":"x"}`)
		text.checkpoint()
		lines, _, err = s.read()
		require.NoError(t, err, "the job writes text now")
		require.Len(t, lines, 1)
	}
	require.Empty(t, format([]byte("PAR1,ORC,Obj,SEQ,BZh,x^\n")), "a line may begin with any word")
}

func TestAFileThatIsCompressedLaterIsLeftOut(t *testing.T) {
	_, dir, next := reader(t)
	sink := &fileSink{t: t, dir: dir, id: partID}
	sink.write("2026-12-01--10", "a")
	sink.checkpoint()
	require.Len(t, next(), 1)
	part := filepath.Join(dir, "2026-12-01--10", "part-"+partID+"-0")
	require.NoError(t, os.Remove(part))
	write(t, part+".gz", "\x1f\x8b\x08")
	require.Empty(t, next())
	write(t, part+".gz", "rest\nof it\n")
	require.Empty(t, next(), "it is never read")
}
