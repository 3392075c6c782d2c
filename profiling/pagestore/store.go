// Package pagestore keeps the pages of profiles as Flink delivered them, one compressed
// file each beside the history, and removes the oldest. The pages hold names from the
// job's JVM and can carry scripts; this package never displays them.
package pagestore

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// Reasons why a stored page is not available.
var (
	// ErrMissing means that there is no file for a hash.
	ErrMissing = errors.New("missing")
	// ErrNoHash means that a text is not the hash of a page.
	ErrNoHash = errors.New("not the hash of a page")
	// ErrDamaged means that the file does not hold what its name says.
	ErrDamaged = errors.New("damaged")
)

// maxText bounds a text from outside in a message, in characters.
const maxText = 300

// MaxPage bounds a page in bytes; [flame.ReadPage] takes no more either.
const MaxPage = 64 << 20

// Store keeps pages as Flink delivered them, one compressed file each, named by
// the SHA-256 of the page. The zero value of Dir is the working directory. It is
// safe for concurrent use, also by several processes.
type Store struct {
	// Dir is made when the first page is kept.
	Dir string
}

// HashOf names a page.
func HashOf(page []byte) string {
	sum := sha256.Sum256(page)
	return hex.EncodeToString(sum[:])
}

// isHash reports whether a name is one that HashOf gives.
func isHash(name string) bool {
	sum, err := hex.DecodeString(name)
	return err == nil && len(sum) == sha256.Size
}

func (s *Store) path(hash string) string { return filepath.Join(s.Dir, hash+pageEnding) }

// Put keeps a page. When it returns without error, the page is on disk. An intact page
// that is already stored stays as it is.
func (s *Store) Put(page []byte) error {
	hash := HashOf(page)
	if _, err := s.Page(hash); err == nil {
		return nil
	}
	if err := os.MkdirAll(s.Dir, 0o700); err != nil {
		return fmt.Errorf("%w (make the directory writable)", err)
	}
	temporary, err := os.CreateTemp(s.Dir, hash+".*"+leftoverEnding)
	if err != nil {
		return fmt.Errorf("%w (make the directory writable)", err)
	}
	if err := write(temporary, page); err != nil {
		return errors.Join(fmt.Errorf("%w (make room there)", err), os.Remove(temporary.Name()))
	}
	if err := os.Rename(temporary.Name(), s.path(hash)); err != nil {
		return errors.Join(err, os.Remove(temporary.Name()))
	}
	return syncDir(s.Dir)
}

// write compresses a page into a file and closes it.
func write(file *os.File, page []byte) error {
	compressed := gzip.NewWriter(file)
	_, err := compressed.Write(page)
	err = errors.Join(err, compressed.Close())
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

// syncDir makes a renamed file survive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// Kind is the format of a stored page.
type Kind int

// The kinds.
const (
	FlameGraph      Kind = iota // async-profiler's HTML
	GraphOfVertex               // Flink's JSON
	CollapsedStacks             // one stack per line
)

// KindOf distinguishes pages by their beginning.
func KindOf(page []byte) Kind {
	switch {
	case bytes.HasPrefix(page, []byte("{")):
		return GraphOfVertex
	case bytes.HasPrefix(bytes.TrimLeft(page, "\ufeff \r\n\t"), []byte("<")):
		return FlameGraph
	}
	return CollapsedStacks
}

// Page returns a page by its hash. The error wraps ErrMissing or ErrDamaged, or is
// the file system's.
func (s *Store) Page(hash string) ([]byte, error) {
	if !isHash(hash) {
		return nil, fmt.Errorf("profiling: %q is %w (copy it from the profile)", plaintext.Line(hash, maxText), ErrNoHash)
	}
	file, err := os.Open(s.path(hash))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("profiling: page %s is %w from %s: retention removed it, or it was lost "+
			"(see profiling.keep and profiling.keep_size; its findings stay in history)", hash, ErrMissing, s.Dir)
	}
	if err != nil {
		return nil, fmt.Errorf("profiling: %w (make the file readable)", err)
	}
	page, err := decompress(file)
	err = errors.Join(err, file.Close())
	if err != nil || HashOf(page) != hash {
		return nil, fmt.Errorf("profiling: page %s in %s is %w "+
			"(restore it from a backup; its findings stay in history)", hash, s.Dir, ErrDamaged)
	}
	return page, nil
}

// Tree reads a stored page.
func (s *Store) Tree(hash string) (*flame.Tree, error) {
	text, err := s.Page(hash)
	if err != nil {
		return nil, err
	}
	tree, err := treeOf(text)
	if err != nil {
		return nil, fmt.Errorf("profiling: page %s: %w", hash, err)
	}
	return tree, nil
}

// treeOf reads a page of async-profiler, which begins with markup, Flink's answer
// about a vertex, which begins with a brace, or else the collapsed stacks of thread
// dumps.
func treeOf(text []byte) (*flame.Tree, error) {
	switch KindOf(text) {
	case GraphOfVertex:
		tree, _, err := flame.ReadVertex(bytes.NewReader(text))
		return tree, err
	case CollapsedStacks:
		return flame.ReadCollapsed(bytes.NewReader(text))
	}
	page, err := flame.ReadPage(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return page.Tree, nil
}

func decompress(r io.Reader) ([]byte, error) {
	compressed, err := gzip.NewReader(r)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(compressed, MaxPage+1))
}
