package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

const (
	// maxFiles bounds the files of a directory, maxRead the bytes of one look, and maxLine
	// what is read as one line.
	maxFiles = 10_000
	maxRead  = 16 << 20
	maxLine  = 1 << 20
)

// tail reads what is added to the files of a directory.
type tail struct {
	directory string
	// files is nil until reading begins.
	files map[string]*position
	// known counts the files that were ever read.
	known int32
}

// position is how far a file was read.
type position struct {
	// lane is the number of the file. A file that is written anew has another one.
	lane   int32
	offset int64
	// size is that of the last look. A line without an end is complete if the file has not
	// grown since.
	size int64
}

// line is a line of a file.
type line struct {
	file   string
	lane   int32
	offset int64
	text   []byte
}

// list returns the finished files of the directory by name.
func (t *tail) list() (map[string]fs.FileInfo, error) {
	root, err := t.root()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	found := map[string]fs.FileInfo{}
	err = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if hidden(path) && entry != nil && entry.IsDir() {
			return fs.SkipDir
		}
		if err != nil || !entry.Type().IsRegular() || hidden(path) {
			return err
		}
		if len(found) == maxFiles {
			return fmt.Errorf("directory %q has more than %d files", t.directory, maxFiles)
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it was removed or renamed meanwhile
		}
		found[path] = info
		return err
	})
	return found, err
}

func hidden(path string) bool {
	name := path[strings.LastIndexByte(path, '/')+1:]
	return path != "." && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_"))
}

// skip begins at the end of each file that was not written since a time, and at the beginning
// of the others.
func (t *tail) skip(since time.Time) error {
	found, err := t.list()
	if err != nil {
		return err
	}
	t.files = map[string]*position{}
	for name, info := range found {
		at := t.begin()
		if info.ModTime().Before(since) {
			at.offset, at.size = info.Size(), info.Size()
		}
		t.files[name] = at
	}
	return nil
}

// begin is the position at the beginning of a further file.
func (t *tail) begin() *position {
	t.known++
	return &position{lane: t.known}
}

// read returns the lines that were added since the last look. It is not complete if there are
// more than one look may read, or with an error.
func (t *tail) read() (lines []line, complete bool, err error) {
	found, err := t.list()
	if err != nil {
		return nil, false, err
	}
	root, err := t.root()
	if err != nil {
		return nil, false, err
	}
	defer root.Close()
	maps.DeleteFunc(t.files, func(name string, _ *position) bool { return found[name] == nil })
	left := int64(maxRead)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		at := t.files[name]
		if at == nil || found[name].Size() < at.offset { // new, or written anew
			at = t.begin()
			t.files[name] = at
		}
		added, err := at.read(root, name, found[name].Size(), &left)
		lines = append(lines, added...)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return lines, false, err
		}
	}
	return lines, left > 0, nil
}

// root opens the directory, so that no link leads out of it.
func (t *tail) root() (*os.Root, error) { return os.OpenRoot(t.directory) }

// explain says what is wrong with the directory of a sink, and what to do.
func (t *tail) explain(sink string, err error) error {
	where := fmt.Sprintf("sinks[name=%s].files.directory", sink)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return synthetic.Explain(err, synthetic.ErrMissing,
			"files: directory %q does not exist (create it, or correct %s)", t.directory, where)
	case errors.Is(err, fs.ErrPermission):
		return synthetic.Explain(err, synthetic.ErrNoRight,
			"files: no right to read %q (make it readable for this user, or correct %s)", t.directory, where)
	}
	return synthetic.Explain(err, nil, "files: %v (correct %s)", err, where)
}

// read returns the complete lines between the position and size, within the bytes left.
func (p *position) read(root *os.Root, name string, size int64, left *int64) ([]line, error) {
	grown := size != p.size
	p.size = size
	want := min(size-p.offset, *left)
	if want <= 0 {
		return nil, nil
	}
	file, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	text := make([]byte, want)
	n, err := file.ReadAt(text, p.offset)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	text, *left = text[:n], *left-int64(n)
	whole := p.offset+int64(n) >= size
	var lines []line
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n') + 1
		if end == 0 {
			if (grown || !whole) && len(text) < maxLine {
				break // the rest of the line is still to come
			}
			end = len(text)
		}
		lines = append(lines, line{name, p.lane, p.offset, text[:end]})
		p.offset, text = p.offset+int64(end), text[end:]
	}
	return lines, nil
}
