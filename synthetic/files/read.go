package files

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

const (
	// maxRead bounds the bytes of one look, and maxLine what is read as one line.
	maxRead = 16 << 20
	maxLine = 1 << 20
)

// tail reads what is added to the files of a directory.
type tail struct {
	directory string
	// files is nil until reading begins.
	files map[string]*position
	// known counts the files that were ever read.
	known int32
	// quiet are the folders that are left out, by name.
	quiet map[string]*quietFolder
	// notText is the error of the last file without lines; nil if one with lines came after it.
	notText error
}

// position is how far a file was read.
type position struct {
	// lane is the number of the file. A file that is written anew has another one.
	lane   int32
	offset int64
	// size is that of the last look. A line without an end is complete if the file has not
	// grown since.
	size int64
	// notText is set if the file has no lines.
	notText bool
}

// line is a line of a file.
type line struct {
	file   string
	lane   int32
	offset int64
	text   []byte
}

// skip begins at the end of each file that was not written since a time, and at the beginning
// of the others. It returns an error if the job does not write text.
func (t *tail) skip(since time.Time) error {
	found, err := t.list()
	if err != nil {
		return err
	}
	before := time.Now()
	if since.Before(before) {
		before = since
	}
	all := func(string, fs.FileInfo) bool { return true }
	if err := t.narrow(found, before.Add(-quietAfter), all); err != nil {
		return err
	}
	if t.notText = t.checkNewest(found); t.notText != nil {
		return t.notText
	}
	t.files = map[string]*position{}
	for name, info := range found.files {
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
	listed, err := t.list()
	if err == nil {
		err = t.narrow(listed, time.Now().Add(-quietAfter), t.wasRead)
	}
	if err != nil {
		return nil, false, err
	}
	found := listed.files
	root, err := t.root()
	if err != nil {
		return nil, false, err
	}
	defer root.Close()
	earlier := t.forget(found)
	left := int64(maxRead)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		at := t.files[name]
		switch {
		case at == nil:
			at = t.beginOf(name, found[name])
		case found[name].Size() < at.offset: // written anew
			at = t.begin()
		}
		t.files[name] = at
		added, err := at.read(root, name, found[name].Size(), &left)
		lines = append(lines, added...)
		_, isNotText := errors.AsType[*notTextError](err)
		switch {
		case isNotText && earlier[strings.TrimSuffix(name, path.Ext(name))]: // someone compresses finished files
		case isNotText:
			t.notText = err
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return lines, false, err
		case len(added) > 0:
			t.notText = nil
		}
	}
	return lines, left > 0, t.notText
}

// forget drops the positions of files that are gone. It returns the names of all that were there.
func (t *tail) forget(found map[string]fs.FileInfo) map[string]bool {
	earlier := map[string]bool{}
	for name := range t.files {
		if earlier[name] = true; found[name] == nil {
			delete(t.files, name)
		}
	}
	return earlier
}

// wasRead reports whether a file was read to its end.
func (t *tail) wasRead(name string, info fs.FileInfo) bool {
	at := t.files[name]
	return at != nil && at.offset >= info.Size()
}

// root opens the directory, so that no link leads out of it.
func (t *tail) root() (*os.Root, error) { return os.OpenRoot(t.directory) }

// explain says what is wrong with the directory of a sink, and what to do.
func (t *tail) explain(sink string, err error) error {
	where := fmt.Sprintf("sinks[name=%s].files.directory", sink)
	notText, isNotText := errors.AsType[*notTextError](err)
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
	if isNotText {
		return synthetic.Explain(err, errNotText,
			"files: %v in directory %q, so its records cannot be found (let the job write text with a record on each line, or "+
				"remove sink %s)", notText, t.directory, sink)
	}
	return synthetic.Explain(err, nil, "files: %v (correct %s)", err, where)
}

// read returns the complete lines between the position and size, within the bytes left.
func (p *position) read(root *os.Root, name string, size int64, left *int64) ([]line, error) {
	grown := size != p.size
	p.size = size
	want := min(size-p.offset, *left)
	if p.notText {
		p.offset = size
	}
	if want <= 0 || p.notText {
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
	if is := format(text[:n]); p.offset == 0 && is != "" {
		p.offset, p.notText = size, true
		return nil, &notTextError{name, is}
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
