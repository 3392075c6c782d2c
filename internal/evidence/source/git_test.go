package source

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/filemode"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/stretchr/testify/require"
)

// repository is a git directory that a test makes object by object.
type repository struct {
	t     *testing.T
	store *filesystem.Storage
}

func newRepository(t *testing.T, dir string) repository {
	t.Helper()
	store := filesystem.NewStorage(osfs.New(dir), cache.NewObjectLRUDefault())
	require.NoError(t, store.Init())
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return repository{t, store}
}

type encoder interface {
	Encode(o plumbing.EncodedObject) error
}

func (r repository) put(e encoder) plumbing.Hash {
	r.t.Helper()
	o := r.store.NewEncodedObject()
	require.NoError(r.t, e.Encode(o))
	hash, err := r.store.SetEncodedObject(o)
	require.NoError(r.t, err)
	return hash
}

func (r repository) blob(text string) plumbing.Hash {
	r.t.Helper()
	o := r.store.NewEncodedObject()
	o.SetType(plumbing.BlobObject)
	w, err := o.Writer()
	require.NoError(r.t, err)
	_, err = w.Write([]byte(text))
	require.NoError(r.t, err)
	require.NoError(r.t, w.Close())
	hash, err := r.store.SetEncodedObject(o)
	require.NoError(r.t, err)
	return hash
}

// commit has com/acme/Job.java with a method of that name, a link, and another repository.
func (r repository) commit(method string) plumbing.Hash {
	r.t.Helper()
	job := r.blob("package com.acme;\nclass Job { void " + method + "() { } }\n")
	acme := r.put(&object.Tree{Entries: []object.TreeEntry{
		{Name: "Job.java", Mode: filemode.Regular, Hash: job},
		{Name: "Link.java", Mode: filemode.Symlink, Hash: r.blob("/etc/passwd")},
		{Name: "Other.java", Mode: filemode.Submodule, Hash: job},
	}})
	com := r.put(&object.Tree{Entries: []object.TreeEntry{{Name: "acme", Mode: filemode.Dir, Hash: acme}}})
	root := r.put(&object.Tree{Entries: []object.TreeEntry{{Name: "com", Mode: filemode.Dir, Hash: com}}})
	return r.put(&object.Commit{TreeHash: root, Message: method})
}

func (r repository) ref(name string, hash plumbing.Hash) {
	r.t.Helper()
	require.NoError(r.t, r.store.SetReference(plumbing.NewHashReference(plumbing.ReferenceName(name), hash)))
}

// TestAGitDirectory: the commit counts, and nothing has to be checked out.
func TestAGitDirectory(t *testing.T) {
	dir := t.TempDir()
	r := newRepository(t, filepath.Join(dir, ".git"))
	old, now := r.commit("old"), r.commit("now")
	r.ref("refs/heads/main", now)
	r.ref("refs/remotes/origin/next", now)
	require.NoError(t, r.store.SetReference(plumbing.NewSymbolicReference(plumbing.HEAD, "refs/heads/main")))
	tag := r.put(&object.Tag{Name: "v1", Target: old, TargetType: plumbing.CommitObject, Tagger: object.Signature{When: time.Unix(1, 0)}})
	r.ref("refs/tags/v1", tag)
	r.ref("refs/tags/blob", r.blob("no commit"))

	for ref, method := range map[string]string{
		"": "now", "main": "now", "refs/heads/main": "now", "origin/next": "now", "v1": "old", old.String(): "old",
	} {
		found, warnings := find1(t, Root{Git: dir, Ref: ref}, "com/acme/Job."+method, "com/acme/Link.x", "com/acme/Other.old")
		require.Empty(t, warnings, ref)
		require.Len(t, found, 1, ref)
		require.Equal(t, "com/acme/Job.java", found[0].File)
	}
	for ref, want := range map[string]string{
		"v2":               dir + " at v2: it has no such ref (name a branch, a tag or the whole hash of a commit)",
		"../../etc/passwd": "it has no such ref", "blob": "it is not a commit (name a branch, a tag or a full hash)",
		strings.Repeat("0", 39) + "1": "object not found (correct advisor.source)",
	} {
		found, warnings := find1(t, Root{Git: dir, Ref: ref}, "com/acme/Job.old")
		require.Empty(t, found)
		require.Len(t, warnings, 1)
		require.Contains(t, warnings[0], want)
	}
	found, warnings := find1(t, Root{Git: filepath.Join(dir, ".git")}, "com/acme/Job.now")
	require.Empty(t, warnings, "a bare directory")
	require.Len(t, found, 1)
}

// TestAFurtherWorkTree has its own HEAD, and the objects of the clone that it belongs to.
func TestAFurtherWorkTree(t *testing.T) {
	dir := t.TempDir()
	r := newRepository(t, filepath.Join(dir, "clone", ".git"))
	old := r.commit("old")
	r.ref("refs/heads/main", r.commit("now"))
	r.ref("refs/heads/old", old)
	write(t, dir, map[string]string{
		"clone/.git/worktrees/w/HEAD":      "ref: refs/heads/old\n",
		"clone/.git/worktrees/w/commondir": "../..\n",
		"w/.git":                           "gitdir: ../clone/.git/worktrees/w\n",
		"bad/.git":                         "nothing\n",
	})
	found, warnings := find1(t, Root{Git: filepath.Join(dir, "w")}, "com/acme/Job.old")
	require.Empty(t, warnings)
	require.Len(t, found, 1)
	_, warnings = find1(t, Root{Git: filepath.Join(dir, "bad")}, "com/acme/Job.old")
	require.Contains(t, warnings[0], "it is not a git directory (name the directory of a clone, or use dir)")
}

// TestALargeHistory: the indexes of packs would be read to memory.
func TestALargeHistory(t *testing.T) {
	dir := t.TempDir()
	r := newRepository(t, filepath.Join(dir, ".git"))
	r.ref("refs/heads/main", r.commit("now"))
	pack := filepath.Join(dir, ".git/objects/pack")
	require.NoError(t, os.MkdirAll(pack, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(pack, "pack-1.idx"), nil, 0o600))
	require.NoError(t, os.Truncate(filepath.Join(pack, "pack-1.idx"), 200<<20)) // sparse
	_, warnings := find1(t, Root{Git: dir, Ref: "main"}, "com/acme/Job.now")
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "its history is too large: the indexes of its packs have 200 MiB, more than 64 "+
		"(use a clone with --depth=1)")

	write(t, dir, map[string]string{
		".git/worktrees/w/HEAD": "ref: refs/heads/main\n", ".git/worktrees/w/commondir": "../..\n",
		"w/.git": "gitdir: ../.git/worktrees/w\n",
	})
	_, warnings = find1(t, Root{Git: filepath.Join(dir, "w")}, "com/acme/Job.now")
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "its history is too large", "a further work tree has the same objects")
}
