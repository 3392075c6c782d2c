package bundlefile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// Files are the files of a bundle: their content by path in the directory, with slashes.
type Files map[string][]byte

// Hash is the hash of bundle.json. It covers the whole bundle, because bundle.json has the
// hashes of the profiles.
func (f Files) Hash() string { return hashOf(f[Name]) }

// Pack returns the files of a bundle, with secrets masked.
func Pack(b evidence.Bundle) (files Files, err error) {
	b = b.Redacted()
	d := documentOf(b)
	files = Files{}
	for _, p := range b.Profiles {
		content, err := collapse(p)
		if err != nil {
			return nil, fmt.Errorf("profile %s: %w", p.Name, err)
		}
		file := files.free(p)
		files[file] = content
		d.Profiles = append(d.Profiles, profile{
			File: file, SHA256: hashOf(content), Name: p.Name, Mode: p.Mode, Process: p.Process, Vertex: p.Vertex,
			Duration: p.Duration.Seconds(),
		})
	}
	files[Name], err = d.encode()
	return files, err
}

// collapse returns the collapsed stacks of a profile, compressed.
func collapse(p evidence.Profile) ([]byte, error) {
	tree := flame.New()
	for stack, samples := range p.Stacks {
		tree.Add(stack, samples)
	}
	var content bytes.Buffer
	compressed := gzip.NewWriter(&content)
	err := errors.Join(tree.WriteCollapsed(compressed), compressed.Close())
	return content.Bytes(), err
}

// free returns a path for a profile that no other has.
func (f Files) free(p evidence.Profile) string {
	stem := "profiles/" + fileName(p.Name) + "-" + fileName(p.Mode)
	file := stem + collapsedEnding + gzipEnding
	for n := 2; f[file] != nil; n++ {
		file = fmt.Sprintf("%s-%d%s", stem, n, collapsedEnding+gzipEnding)
	}
	return file
}

// longestName bounds the part of a file's name that comes from a profile's name, in bytes.
const longestName = 60

// fileName makes a name safe for all file systems.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.TrimSuffix(strings.TrimSuffix(name, htmlEnding), collapsedEnding)
	name = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
			return r
		}
		return '_'
	}, name)
	if name = strings.Trim(name[:min(len(name), longestName)], "."); name == "" {
		return "profile"
	}
	return name
}

// Write writes the files to a directory: all of them, or none. The directory must not exist
// or must be empty.
func (f Files) Write(dir string) error {
	dir = filepath.Clean(dir)
	if err := checkFree(dir); err != nil {
		return err
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return fmt.Errorf("%w (choose a directory that can be written)", err)
	}
	unfinished, err := os.MkdirTemp(parent, "."+filepath.Base(dir)+".*.tmp") // 0700
	if err != nil {
		return fmt.Errorf("%w (choose a directory that can be written)", err)
	}
	err = f.writeTo(unfinished)
	if err == nil {
		_ = os.Remove(dir) // an empty directory; if it cannot be removed, the rename says so
		err = os.Rename(unfinished, dir)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("writing the bundle: %w (see that there is room)", err), os.RemoveAll(unfinished))
	}
	return nil
}

// checkFree returns an error if there is something in the place of a directory.
func checkFree(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("%w (choose a directory that is new or empty)", err)
	case len(entries) > 0:
		return fmt.Errorf("%s is not empty, and nothing is replaced (choose a directory that is new or empty)", dir)
	}
	return nil
}

func (f Files) writeTo(dir string) error {
	for file, content := range f {
		if !fs.ValidPath(file) {
			return fmt.Errorf("%q is not a path in a bundle", file)
		}
		full := filepath.Join(dir, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(full, content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
