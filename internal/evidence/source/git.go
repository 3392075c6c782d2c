package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/go-git/go-billy/v5"
	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/storer"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// Bounds of a git directory. The index of its packs is read to memory, 32 bytes for an object.
const (
	maxPackIndex = 64 << 20
	gitCache     = 16 << 20 // of objects
)

// gitTree is the files of a commit.
type gitTree struct {
	root  *object.Tree
	store *filesystem.Storage
	blobs map[string]plumbing.Hash // of the files that walk visited
}

// openGit opens a commit of a git directory. It reads the objects and nothing that is checked
// out, and runs no program and no hook.
func openGit(dir, ref string) (tree, error) {
	files, common, err := gitFiles(dir)
	if err != nil {
		return nil, err
	}
	if size := packIndex(common); size > maxPackIndex {
		return nil, fmt.Errorf("its history is too large: the indexes of its packs have %d MiB, more than %d "+
			"(use a clone with --depth=1)", size>>20, maxPackIndex>>20)
	}
	store := filesystem.NewStorageWithOptions(files, cache.NewObjectLRU(gitCache),
		filesystem.Options{LargeObjectThreshold: maxFile})
	hash, err := resolve(store, ref)
	if err != nil {
		return nil, errors.Join(err, store.Close())
	}
	root, err := treeOf(store, hash)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("commit %s: %w", hash, err), store.Close())
	}
	return &gitTree{root: root, store: store, blobs: map[string]plumbing.Hash{}}, nil
}

// gitFiles finds the git directory of a clone, of a bare clone, or of a further work tree, whose
// objects are in the clone that it belongs to.
func gitFiles(dir string) (files billy.Filesystem, common string, err error) {
	at := filepath.Join(dir, ".git")
	info, err := os.Stat(at)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		at = dir // bare
	case err != nil:
		return nil, "", err
	case !info.IsDir():
		if at, err = linked(dir, at, "gitdir: "); err != nil {
			return nil, "", err
		}
	}
	common = at
	if link := filepath.Join(at, "commondir"); exists(link) {
		if common, err = linked(at, link, ""); err != nil {
			return nil, "", err
		}
	}
	if !exists(filepath.Join(common, "objects")) {
		return nil, "", errors.New("it is not a git directory (name the directory of a clone, or use dir)")
	}
	bound := func(dir string) billy.Filesystem { return osfs.New(dir, osfs.WithBoundOS()) }
	if common == at {
		return bound(at), common, nil
	}
	return dotgit.NewRepositoryFilesystem(bound(at), bound(common)), common, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// linked reads the path in a file of git, relative to a directory.
func linked(dir, file, prefix string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	to, ok := strings.CutPrefix(strings.TrimSpace(string(text)), prefix)
	if !ok {
		return "", errors.New("it is not a git directory (name the directory of a clone, or use dir)")
	}
	if !filepath.IsAbs(to) {
		to = filepath.Join(dir, to)
	}
	return to, nil
}

func packIndex(dir string) (size int64) {
	names, err := filepath.Glob(filepath.Join(dir, "objects", "pack", "*.idx"))
	if err != nil {
		return 0
	}
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			size += info.Size()
		}
	}
	return size
}

// resolve returns the hash that a ref names, as git does: a whole hash, or a name with the
// prefixes of tags, branches and remotes.
func resolve(store *filesystem.Storage, ref string) (plumbing.Hash, error) {
	if ref == "" {
		ref = "HEAD"
	}
	if plumbing.IsHash(ref) {
		return plumbing.NewHash(ref), nil
	}
	for _, rule := range plumbing.RefRevParseRules {
		name := plumbing.ReferenceName(fmt.Sprintf(rule, ref))
		if found, err := storer.ResolveReference(store, name); err == nil {
			return found.Hash(), nil
		}
	}
	return plumbing.ZeroHash, errors.New("it has no such ref (name a branch, a tag or the whole hash of a commit)")
}

// treeOf returns the files of a commit or of what a tag names.
func treeOf(store *filesystem.Storage, hash plumbing.Hash) (*object.Tree, error) {
	found, err := object.GetObject(store, hash)
	if err != nil {
		return nil, err
	}
	switch o := found.(type) {
	case *object.Commit:
		return o.Tree()
	case *object.Tag:
		if o.Target == hash {
			break
		}
		return treeOf(store, o.Target)
	case *object.Tree:
		return o, nil
	}
	return nil, errors.New("it is not a commit (name a branch, a tag or a full hash)")
}

func (g *gitTree) walk(visit func(string, bool) error) error {
	walker := object.NewTreeWalker(g.root, true, nil)
	defer walker.Close()
	for {
		file, entry, err := walker.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		// Links and other repositories are not plain files.
		plain := entry.Mode == filemode.Regular || entry.Mode == filemode.Executable || entry.Mode == filemode.Deprecated
		if plain {
			g.blobs[file] = entry.Hash
		}
		if err := visit(file, plain); err != nil {
			return err
		}
	}
}

func (g *gitTree) read(file string) ([]byte, error) {
	blob, err := object.GetBlob(g.store, g.blobs[file])
	if err != nil {
		return nil, err
	}
	if blob.Size > maxFile {
		return nil, errTooLarge
	}
	r, err := blob.Reader()
	if err != nil {
		return nil, err
	}
	return readAll(r)
}

// Close implements io.Closer.
func (g *gitTree) Close() error { return g.store.Close() }
