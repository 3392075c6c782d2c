package files

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// headBytes is how much of a file tells its format.
const headBytes = 512

// formats are the first bytes of files without lines: compressed ones, and the bulk formats of
// Flink's FileSink.
var formats = []struct{ begin, name string }{
	{"\x1f\x8b", "compressed with gzip"},
	{"\x78\x9c", "compressed with deflate"},
	{"\x28\xb5\x2f\xfd", "compressed with zstd"},
	{"\x04\x22\x4d\x18", "compressed with lz4"},
	{"\xfd7zXZ\x00", "compressed with xz"},
	{"\xff\x06\x00\x00sNaPpY", "compressed with snappy"},
	{"BZh91AY&SY", "compressed with bzip2"},
	{"PK\x03\x04", "a zip archive"},
	{"PAR1\x15", "in the format Parquet"},
	{"Obj\x01", "in the format Avro"},
	{"SEQ\x06", "a SequenceFile"},
}

// format is the name of the format of a file that begins with head; empty if it is text.
func format(head []byte) string {
	head = head[:min(len(head), headBytes)]
	for _, f := range formats {
		if bytes.HasPrefix(head, []byte(f.begin)) {
			return f.name
		}
	}
	switch {
	case bytes.IndexByte(head, 0) < 0:
		return ""
	case strings.HasPrefix(string(head), "ORC"):
		return "in the format ORC"
	}
	return "not text"
}

// errNotText is the kind of a [notTextError].
var errNotText = synthetic.Permanent("its files have no lines of text")

// notTextError says that the records of a file cannot be found.
type notTextError struct{ file, format string }

func (e *notTextError) Error() string { return fmt.Sprintf("file %q is %s", e.file, e.format) }

// checkNewest returns an error if the newest file is not text: the next ones will not be either.
func (t *tail) checkNewest(found listing) error {
	newest := ""
	for name, info := range found.files {
		if info.Size() > 0 && (newest == "" || info.ModTime().After(found.files[newest].ModTime())) {
			newest = name
		}
	}
	if newest == "" {
		return nil
	}
	root, err := t.root()
	if err != nil {
		return err
	}
	defer root.Close()
	return checkHead(root, newest)
}

func checkHead(root *os.Root, name string) error {
	file, err := root.Open(name)
	if err != nil {
		return nil // it was removed meanwhile, or reading it will say what is wrong
	}
	defer file.Close()
	head, err := io.ReadAll(io.LimitReader(file, headBytes))
	if is := format(head); err == nil && is != "" {
		return &notTextError{name, is}
	}
	return err
}
