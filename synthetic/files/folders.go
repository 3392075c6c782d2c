package files

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

const (
	// maxFiles bounds the files of a directory that one look asks for their size, mostListed those
	// that are listed to find the folders that may be left out.
	maxFiles   = 10_000
	mostListed = 20 * maxFiles
	// quietAfter is the time without a change after which a folder may be left out.
	quietAfter = time.Hour
)

var errTooMany = errors.New("too many files")

// quietFolder is a folder that looks leave out: all of its files were read, and nothing changed for
// long. A file that is added or renamed changes the folder, which ends that.
type quietFolder struct {
	changed time.Time // the last change of the folder
	before  time.Time // every file in it is older
	over    bool
}

// listing is what a directory has.
type listing struct {
	files map[string]fs.FileInfo // the finished files by name
	// busy are the folders with folders or with files that are not finished.
	busy map[string]bool
}

// list returns what the directory has, without quiet folders.
func (t *tail) list() (listing, error) {
	found := listing{files: map[string]fs.FileInfo{}, busy: map[string]bool{}}
	root, err := t.root()
	if err != nil {
		return found, err
	}
	defer root.Close()
	err = fs.WalkDir(root.FS(), ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name != ".":
			return nil // the folder was removed meanwhile
		case err != nil:
			return err
		case name != "." && (entry.IsDir() || hidden(name)):
			found.busy[path.Dir(name)] = true
		}
		if entry.IsDir() {
			return t.enter(name, entry)
		}
		return found.add(name, entry)
	})
	if len(found.files) > mostListed {
		err = t.tooMany(mostListed)
	}
	return found, err
}

// add adds a finished file.
func (l *listing) add(name string, entry fs.DirEntry) error {
	if !entry.Type().IsRegular() || hidden(name) {
		return nil
	}
	info, err := entry.Info()
	if errors.Is(err, fs.ErrNotExist) {
		return nil // it was removed or renamed meanwhile
	}
	if l.files[name] = info; len(l.files) > mostListed {
		return fs.SkipAll
	}
	return err
}

// hidden reports whether a file or a folder is not finished: Flink's FileSink writes
// .part-ID-0.inprogress.ID, and .part-ID-0 before a compaction.
func hidden(name string) bool {
	base := path.Base(name)
	return name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_"))
}

// enter reports with [fs.SkipDir] that a folder is left out.
func (t *tail) enter(name string, entry fs.DirEntry) error {
	if hidden(name) {
		return fs.SkipDir
	}
	quiet := t.quiet[name]
	if quiet == nil || quiet.over {
		return nil
	}
	info, err := entry.Info()
	if err == nil && info.ModTime().Equal(quiet.changed) {
		return fs.SkipDir
	}
	quiet.over = true
	return nil // an error shows again when the folder is read
}

// narrow leaves out quiet folders if there are more files than a look may ask for.
func (t *tail) narrow(found listing, before time.Time, wasRead func(name string, info fs.FileInfo) bool) error {
	if len(found.files) <= maxFiles {
		return nil
	}
	root, err := t.root()
	if err != nil {
		return err
	}
	defer root.Close()
	byFolder := map[string][]string{}
	for name, info := range found.files {
		folder := path.Dir(name)
		if byFolder[folder] = append(byFolder[folder], name); !info.ModTime().Before(before) || !wasRead(name, info) {
			found.busy[folder] = true
		}
	}
	for folder, names := range byFolder {
		if folder != "." && !found.busy[folder] && t.leaveOut(root, folder, before) {
			for _, name := range names {
				delete(found.files, name)
			}
		}
	}
	if len(found.files) > maxFiles {
		return t.tooMany(maxFiles)
	}
	return nil
}

// leaveOut makes a folder quiet, unless it changed.
func (t *tail) leaveOut(root *os.Root, folder string, before time.Time) bool {
	info, err := root.Lstat(folder)
	if err != nil || !info.ModTime().Before(before) {
		return false
	}
	if t.quiet == nil {
		t.quiet = map[string]*quietFolder{}
	}
	t.quiet[folder] = &quietFolder{changed: info.ModTime(), before: before}
	return true
}

// beginOf is the position in a file that was not seen before: its beginning, or its end if it was
// read before its folder became quiet.
func (t *tail) beginOf(name string, info fs.FileInfo) *position {
	at := t.begin()
	if quiet := t.quiet[path.Dir(name)]; quiet != nil && info.ModTime().Before(quiet.before) {
		at.offset, at.size = info.Size(), info.Size()
	}
	return at
}

func (t *tail) tooMany(most int) error {
	return synthetic.Explain(errTooMany, nil, "files: directory %q has more than %d files that may change (move old ones "+
		"elsewhere, or let the job write into a folder for each hour)", t.directory, most)
}
