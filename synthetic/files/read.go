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
)

const (
	// maxFiles bounds the files of a directory, maxRead the bytes of one look, and maxLine
	// what is read as one line.
	maxFiles = 10_000
	maxRead  = 16 << 20
	maxLine  = 1 << 20
)

// position is how far a file was read.
type position struct {
	offset int64
	// size is that of the last look. A line without an end is complete if the file has not
	// grown since.
	size int64
}

// line is a line of a file.
type line struct {
	file   string
	offset int64
	text   []byte
}

// list returns the finished files of the directory by name.
func (s *sink) list() (map[string]fs.FileInfo, error) {
	root, err := s.root()
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
			return fmt.Errorf("directory %q has more than %d files", s.cfg.Directory, maxFiles)
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
func (s *sink) skip(since time.Time) error {
	found, err := s.list()
	if err != nil {
		return err
	}
	s.files = map[string]*position{}
	for name, info := range found {
		at := &position{}
		if info.ModTime().Before(since) {
			at.offset, at.size = info.Size(), info.Size()
		}
		s.files[name] = at
	}
	return nil
}

// read returns the lines that were added since the last look. It is not complete if there are
// more than one look may read.
func (s *sink) read() (lines []line, complete bool, err error) {
	found, err := s.list()
	if err != nil {
		return nil, false, err
	}
	root, err := s.root()
	if err != nil {
		return nil, false, err
	}
	defer root.Close()
	maps.DeleteFunc(s.files, func(name string, _ *position) bool { return found[name] == nil })
	left := int64(maxRead)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		at := s.files[name]
		if at == nil || found[name].Size() < at.offset { // new, or written anew
			at = &position{}
			s.files[name] = at
		}
		added, err := at.read(root, name, found[name].Size(), &left)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, false, err
		}
		lines = append(lines, added...)
	}
	return lines, left > 0, nil
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
	var lines []line
	for len(text) > 0 {
		end := bytes.IndexByte(text, '\n') + 1
		if end == 0 {
			if grown && len(text) < maxLine {
				break // the rest of the line is still to come
			}
			end = len(text)
		}
		lines = append(lines, line{name, p.offset, text[:end]})
		p.offset, text = p.offset+int64(end), text[end:]
	}
	return lines, nil
}
