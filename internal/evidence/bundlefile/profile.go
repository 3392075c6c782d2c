package bundlefile

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// The endings of the files of profiles.
const (
	htmlEnding      = ".html"
	collapsedEnding = ".collapsed"
	gzipEnding      = ".gz"
)

// read reads the file of an entry, of at most left bytes, and returns the bytes read.
func (p profile) read(root *os.Root, left int64) (out evidence.Profile, size int64, err error) {
	content, err := readFile(root, p.File, min(maxFile, left))
	if err != nil {
		return out, 0, fmt.Errorf("%w (write the bundle again, or remove its entry from %s)", err, Name)
	}
	size = int64(len(content))
	if p.SHA256 != "" && hashOf(content) != strings.ToLower(p.SHA256) {
		return out, size, fmt.Errorf("it is cut off or edited: its hash differs from %s (copy the bundle again, or "+
			"remove the entry's sha256 if the change is intended)", Name)
	}
	tree, title, err := stacks(content, p.File)
	if err != nil {
		return out, size, err
	}
	mode, err := p.mode(title)
	if err != nil {
		return out, size, err
	}
	out = evidence.Profile{
		Name: p.Name, Mode: string(mode), Process: p.Process, Vertex: p.Vertex, Duration: seconds(p.Duration),
		Stacks: tree.Stacks(),
	}
	if out.Name == "" {
		out.Name = p.File
	}
	return out, size, nil
}

// mode is the mode of the entry or, if it has none, that of the page.
func (p profile) mode(title string) (flame.Mode, error) {
	if p.Mode == "" {
		return flame.ModeOf(title, p.File).Judged(), nil
	}
	mode, err := flame.ParseMode(p.Mode)
	return mode.Judged(), err
}

// stacks reads the stacks of a profile; the ending of its file tells the form.
func stacks(content []byte, file string) (tree *flame.Tree, title string, err error) {
	form, compressed := strings.CutSuffix(file, gzipEnding)
	var in io.Reader = bytes.NewReader(content)
	if compressed {
		if in, err = gzip.NewReader(in); err != nil {
			return nil, "", fmt.Errorf("it is not compressed with gzip: %w (correct its ending)", err)
		}
	}
	switch {
	case strings.HasSuffix(form, collapsedEnding):
		tree, err = flame.ReadCollapsed(in)
	case strings.HasSuffix(form, htmlEnding):
		var page *flame.Page
		if page, err = flame.ReadPage(in); err == nil {
			tree, title = page.Tree, page.Title
		}
	default:
		return nil, "", errors.New("its form is unknown (it must end in .html, .collapsed or one of these with .gz)")
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, gzip.ErrChecksum) {
		err = fmt.Errorf("it is cut off or damaged: %w (copy the bundle again)", err)
	}
	return tree, title, err
}
