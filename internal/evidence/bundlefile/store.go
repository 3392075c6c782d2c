package bundlefile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Bounds of a store. A bundle has about 100 KB.
const (
	mostKept  = 500       // bundles
	mostBytes = 256 << 20 // of all their files
)

// ErrMissing means that a store has no bundle of an episode.
var ErrMissing = errors.New("no bundle is stored")

// Store keeps the bundles of episodes, a directory each, and removes the oldest. It is safe for
// concurrent use if each episode is written by one caller only.
type Store struct {
	// Dir is made when the first bundle is kept.
	Dir string
}

// DirBeside is a directory beside the history file: FILE without its ending, and "-bundles".
func DirBeside(history string) string {
	return strings.TrimSuffix(history, filepath.Ext(history)) + "-bundles"
}

// Put keeps the bundle of an episode, in place of an earlier one of it.
func (s *Store) Put(episode string, files Files) error {
	dir, err := s.dir(episode)
	if err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	return errors.Join(files.Write(dir), s.trim())
}

// Files returns the files of an episode's bundle as they are. The error wraps ErrMissing if
// there is none.
func (s *Store) Files(episode string) (Files, error) {
	dir, err := s.dir(episode)
	if err != nil {
		return nil, err
	}
	root, err := os.OpenRoot(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w of episode %s", ErrMissing, episode)
	}
	if err != nil {
		return nil, err
	}
	files := Files{}
	err = fs.WalkDir(root.FS(), ".", func(file string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		files[file], err = readFile(root, file, maxFile)
		return err
	})
	return files, errors.Join(err, root.Close())
}

// Read reads an episode's bundle. The error wraps ErrMissing if there is none.
func (s *Store) Read(episode string) (evidence.Bundle, error) {
	dir, err := s.dir(episode)
	if err != nil {
		return evidence.Bundle{}, err
	}
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return evidence.Bundle{}, fmt.Errorf("%w of episode %s", ErrMissing, episode)
	}
	b, warnings, err := Read(dir)
	b.Warnings = append(b.Warnings, warnings...)
	return b, err
}

// dir is the directory of an episode; its id comes from outside.
func (s *Store) dir(episode string) (string, error) {
	if _, err := ulid.ParseStrict(episode); err != nil {
		return "", fmt.Errorf("%q is not the id of an episode (sidecar history list shows the ids)", shown(episode))
	}
	return filepath.Join(s.Dir, episode), nil
}

// trim removes the oldest bundles above the bounds. Ids begin with the time, so their order is
// that of their ages.
func (s *Store) trim() error {
	entries, err := os.ReadDir(s.Dir)
	if err != nil {
		return err
	}
	kept, size := 0, int64(0)
	for i := len(entries) - 1; i >= 0; i-- {
		name := entries[i].Name()
		if _, err := ulid.ParseStrict(name); err != nil {
			continue
		}
		kept++
		size += sizeOf(filepath.Join(s.Dir, name))
		if kept > 1 && (kept > mostKept || size > mostBytes) {
			if err := os.RemoveAll(filepath.Join(s.Dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

// sizeOf is the size of the files in a directory; what cannot be read counts nothing.
func sizeOf(dir string) (size int64) {
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil {
			if info, err := entry.Info(); err == nil && info.Mode().IsRegular() {
				size += info.Size()
			}
		}
		return nil
	})
	return size
}
