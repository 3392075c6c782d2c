package source

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Root is a place with sources: exactly one of Dir, Git and Jar is set.
type Root struct {
	// Dir is a directory.
	Dir string
	// Git is a directory with a clone, Ref the branch, tag or commit in it; empty is HEAD. The
	// files that are checked out do not matter.
	Git, Ref string
	// Jar is a jar with sources, as build tools publish them.
	Jar string
}

// String names the root in warnings.
func (r Root) String() string {
	switch {
	case r.Git != "" && r.Ref != "":
		return r.Git + " at " + r.Ref
	case r.Git != "":
		return r.Git
	case r.Jar != "":
		return r.Jar
	}
	return r.Dir
}

// tree is the files of an open root.
type tree interface {
	// walk visits all files and directories, with slashes in their paths. It ends with the
	// error of visit.
	walk(visit func(file string, plain bool) error) error
	// read returns the content of a file of at most maxFile bytes.
	read(file string) ([]byte, error)
	io.Closer
}

// Bounds of what is opened, in bytes.
const (
	maxFile = 1 << 20 // of a source file
	maxJar  = 256 << 20
)

var errTooLarge = fmt.Errorf("it has more than %d bytes", maxFile)

func (r Root) open() (tree, error) {
	switch {
	case r.Git != "":
		return openGit(r.Git, r.Ref)
	case r.Jar != "":
		return openJar(r.Jar)
	}
	root, err := os.OpenRoot(r.Dir)
	if err != nil {
		return nil, err
	}
	return files{root.FS(), root}, nil
}

func openJar(name string) (tree, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, errors.New("it is not a file")
	case info.Size() > maxJar:
		return nil, fmt.Errorf("it has more than %d MiB", maxJar>>20)
	}
	jar, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	return files{jar, jar}, nil
}

// files is a tree of a file system.
type files struct {
	fs.FS
	io.Closer
}

func (f files) walk(visit func(string, bool) error) error {
	return fs.WalkDir(f.FS, ".", func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && file == ".":
			return err
		case err != nil:
			return nil // a directory that cannot be read hides no other
		case entry.IsDir() && isAside(file):
			return fs.SkipDir
		}
		return visit(file, entry.Type().IsRegular())
	})
}

// isAside reports whether a directory has no sources of the job.
func isAside(dir string) bool {
	name := path.Base(dir)
	return dir != "." && strings.HasPrefix(name, ".") || name == "node_modules"
}

func (f files) read(name string) ([]byte, error) {
	file, err := f.Open(name)
	if err != nil {
		return nil, err
	}
	return readAll(file)
}

// readAll reads a file of at most maxFile bytes and closes it.
func readAll(file io.ReadCloser) ([]byte, error) {
	text, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err == nil && len(text) > maxFile {
		err = errTooLarge
	}
	return text, errors.Join(err, file.Close())
}
