// Package jars turns the sources of the local stack into what its services run from:
// class paths fetched and jars built by Maven, and the programs of Debian's
// Prometheus packages.
//
// All results are in a cache outside the checkout, one folder per project and state
// of its sources:
//
//	~/.cache/flink-sidecar/
//	  lock                     held during a build
//	  kafka-0f3c9b1e5a7d2468/  NAME-KEY; complete as soon as it has this name
//	  job-77aa01cd23ef4567/
//	  job-77aa01cd23ef4567.tmp/  a build in progress, or an interrupted one
//
// The key is a hash of the paths and contents of the project's sources, so a second
// start finds everything and an edited job is built anew. Folders are never changed
// once they have their final name: a running stack keeps the jars it was started
// with. Old ones are not deleted; the whole cache may be, when nothing runs.
//
// One build runs at a time, in this and in every other launcher: Maven's local
// repository does not support two writers.
package jars

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// Project is something that can be built from a few directories of sources.
type Project struct {
	Name    string
	Sources []string // directories; everything in them but target/ makes the key
	// Salt is part of the key: what a build depends on beyond its sources.
	Salt string
	// Build fills the empty directory dir.
	Build func(ctx context.Context, dir string) error
}

// Cache keeps the results of builds.
type Cache struct {
	Dir string
}

// DefaultDir is $XDG_CACHE_HOME/flink-sidecar or ~/.cache/flink-sidecar.
func DefaultDir() (string, error) {
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no place for a cache: %w (set XDG_CACHE_HOME, or use --cache)", err)
	}
	return filepath.Join(dir, "flink-sidecar"), nil
}

// Find returns the folder of a project in the present state of its sources, and whether
// it exists already.
func (c Cache) Find(project Project) (dir string, built bool, err error) {
	key, err := project.key()
	if err != nil {
		return "", false, fmt.Errorf("%s: %w", project.Name, err)
	}
	dir = filepath.Join(c.Dir, project.Name+"-"+key)
	_, err = os.Stat(dir)
	return dir, err == nil, nil
}

// Resolve returns the folder of a project, building it first if necessary. A failed build
// leaves no folder of that name.
func (c Cache) Resolve(ctx context.Context, project Project) (string, error) {
	dir, built, err := c.Find(project)
	if err != nil || built {
		return dir, err
	}
	unlock, err := c.lock(ctx)
	if err != nil {
		return "", fmt.Errorf("%s: %w", project.Name, err)
	}
	defer unlock()
	if _, err := os.Stat(dir); err == nil {
		return dir, nil // built by the previous holder of the lock
	}
	unfinished := dir + ".tmp"
	if err := os.RemoveAll(unfinished); err != nil {
		return "", fmt.Errorf("%s: %w", project.Name, err)
	}
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return "", fmt.Errorf("%s: %w", project.Name, err)
	}
	if err := project.Build(ctx, unfinished); err != nil {
		return "", fmt.Errorf("%s: %w", project.Name, errors.Join(err, os.RemoveAll(unfinished)))
	}
	return dir, os.Rename(unfinished, dir)
}

// lock waits until no other launcher builds. The kernel releases the lock of an ended
// process, even after a crash.
func (c Cache) lock(ctx context.Context) (unlock func(), err error) {
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(filepath.Join(c.Dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return func() { _ = file.Close() }, nil
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, errors.Join(err, file.Close())
		}
		select {
		case <-ctx.Done():
			return nil, errors.Join(ctx.Err(), file.Close())
		case <-tick.C:
		}
	}
}

// key hashes the project's sources: each file's path below its directory, length and
// content, in the order of WalkDir, which is lexical.
func (p Project) key() (string, error) {
	sum := sha256.New()
	fmt.Fprintf(sum, "%s\n", p.Salt)
	for _, source := range p.Sources {
		err := filepath.WalkDir(source, func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if entry.IsDir() && entry.Name() == "target" && path != source {
				return fs.SkipDir
			}
			if !entry.Type().IsRegular() {
				return nil
			}
			return addFile(sum, source, path)
		})
		if err != nil {
			return "", err
		}
	}
	return fmt.Sprintf("%x", sum.Sum(nil)[:8]), nil
}

func addFile(sum io.Writer, source, path string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	relative, err := filepath.Rel(source, path)
	if err != nil {
		return err
	}
	fmt.Fprintf(sum, "%s %d\n", relative, len(content))
	_, err = sum.Write(content)
	return err
}
