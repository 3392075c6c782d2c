package jars

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

// sources is a small project on disk.
func sources(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	write(t, filepath.Join(dir, "pom.xml"), "<project/>")
	write(t, filepath.Join(dir, "src", "Main.java"), "class Main {}")
	return dir
}

// counted is a project whose builds are counted.
func counted(dir string, builds *atomic.Int32) Project {
	return Project{Name: "demo", Sources: []string{dir}, Build: func(_ context.Context, into string) error {
		builds.Add(1)
		return os.WriteFile(filepath.Join(into, "demo.jar"), []byte("jar"), 0o600)
	}}
}

func TestKeyFollowsTheSources(t *testing.T) {
	dir := sources(t)
	project := Project{Name: "demo", Sources: []string{dir}}
	first, err := project.key()
	require.NoError(t, err)
	require.Len(t, first, 16)

	for _, tc := range []struct {
		name   string
		change func()
		same   bool
	}{
		{"nothing", func() {}, true},
		{"build output", func() { write(t, filepath.Join(dir, "target", "demo.jar"), "x") }, true},
		{"a changed file", func() { write(t, filepath.Join(dir, "src", "Main.java"), "class Main { }") }, false},
		{"and back", func() { write(t, filepath.Join(dir, "src", "Main.java"), "class Main {}") }, true},
		{"another file", func() { write(t, filepath.Join(dir, "src", "More.java"), "") }, false},
		{"a renamed file", func() {
			require.NoError(t, os.Rename(filepath.Join(dir, "src", "More.java"),
				filepath.Join(dir, "src", "Less.java")))
		}, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			tc.change()
			now, err := project.key()
			require.NoError(t, err)
			require.Equal(t, tc.same, first == now)
		})
	}

	// A target/ above the sources is no build output.
	below := filepath.Join(t.TempDir(), "target")
	write(t, filepath.Join(below, "pom.xml"), "<project/>")
	one, err := Project{Sources: []string{below}}.key()
	require.NoError(t, err)
	write(t, filepath.Join(below, "pom.xml"), "<project></project>")
	two, err := Project{Sources: []string{below}}.key()
	require.NoError(t, err)
	require.NotEqual(t, one, two)
}

func TestResolveBuildsOnce(t *testing.T) {
	var builds atomic.Int32
	cache := Cache{Dir: filepath.Join(t.TempDir(), "cache")}
	project := counted(sources(t), &builds)

	_, built, err := cache.Find(project)
	require.NoError(t, err)
	require.False(t, built)

	var starters sync.WaitGroup
	for range 4 {
		starters.Go(func() {
			dir, err := cache.Resolve(t.Context(), project)
			if err != nil {
				t.Error(err)
			}
			if _, err := os.Stat(filepath.Join(dir, "demo.jar")); err != nil {
				t.Error(err)
			}
		})
	}
	starters.Wait()
	require.EqualValues(t, 1, builds.Load())

	dir, built, err := cache.Find(project)
	require.NoError(t, err)
	require.True(t, built)
	require.Regexp(t, `/cache/demo-[0-9a-f]{16}$`, dir)

	write(t, filepath.Join(project.Sources[0], "pom.xml"), "<project>edited</project>")
	edited, err := cache.Resolve(t.Context(), project)
	require.NoError(t, err)
	require.NotEqual(t, dir, edited)
	require.DirExists(t, dir, "a running stack keeps its jars")
	require.EqualValues(t, 2, builds.Load())
}

func TestResolveOfAFailedBuild(t *testing.T) {
	cache := Cache{Dir: t.TempDir()}
	project := Project{Name: "demo", Sources: []string{sources(t)}, Build: func(_ context.Context, into string) error {
		write(t, filepath.Join(into, "half.jar"), "x")
		return errors.New("no network")
	}}
	_, err := cache.Resolve(t.Context(), project)
	require.EqualError(t, err, "demo: no network")
	_, built, err := cache.Find(project)
	require.NoError(t, err)
	require.False(t, built)
	left, err := filepath.Glob(filepath.Join(cache.Dir, "demo*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

func TestResolveAfterAnInterruptedBuild(t *testing.T) {
	var builds atomic.Int32
	cache := Cache{Dir: t.TempDir()}
	project := counted(sources(t), &builds)
	dir, _, err := cache.Find(project)
	require.NoError(t, err)
	write(t, filepath.Join(dir+".tmp", "half.jar"), "x")

	resolved, err := cache.Resolve(t.Context(), project)
	require.NoError(t, err)
	require.Equal(t, dir, resolved)
	require.NoFileExists(t, filepath.Join(dir, "half.jar"))
	require.NoDirExists(t, dir+".tmp")
}

func TestResolveWaitsForAnotherLauncher(t *testing.T) {
	var builds atomic.Int32
	cache := Cache{Dir: t.TempDir()}
	unlock, err := cache.lock(t.Context())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = cache.Resolve(ctx, counted(sources(t), &builds))
	require.EqualError(t, err, "demo: context deadline exceeded")
	unlock()
	_, err = cache.Resolve(t.Context(), counted(sources(t), &builds))
	require.NoError(t, err)
}

func TestResolveWithoutSources(t *testing.T) {
	_, err := Cache{Dir: t.TempDir()}.Resolve(t.Context(), Project{Name: "demo", Sources: []string{"/nowhere"}})
	require.EqualError(t, err, "demo: lstat /nowhere: no such file or directory")
}

func TestDefaultDir(t *testing.T) {
	t.Setenv("XDG_CACHE_HOME", "/var/cache/me")
	dir, err := DefaultDir()
	require.NoError(t, err)
	require.Equal(t, "/var/cache/me/flink-sidecar", dir)
	t.Setenv("XDG_CACHE_HOME", "")
	t.Setenv("HOME", "")
	_, err = DefaultDir()
	require.EqualError(t, err, "no place for a cache: neither $XDG_CACHE_HOME nor $HOME are defined "+
		"(set XDG_CACHE_HOME, or use --cache)")
}
