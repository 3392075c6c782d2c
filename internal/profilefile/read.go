// Package profilefile reads a profile from a file in any of its forms, and writes it in the
// formats that people and other programs read.
package profilefile

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// Open reads a page, or the collapsed stacks of a file that ends in .collapsed; "-" is a page from
// standard input. With an empty mode the title and the name of the file decide.
func Open(name string, mode flame.Mode) (report.Profile, error) {
	in := os.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return report.Profile{}, fmt.Errorf("%w (check the path)", err)
		}
		defer file.Close()
		in = file
	}
	tree, title, err := read(in, strings.HasSuffix(name, pagestore.CollapsedEnding))
	if err != nil {
		return report.Profile{}, fmt.Errorf("%s: %w", name, err)
	}
	if mode == "" {
		mode = flame.ModeOf(title, name)
	}
	return report.Profile{Name: name, Mode: mode, Tree: tree, Quality: tree.Quality()}, nil
}

func read(in io.Reader, collapsed bool) (tree *flame.Tree, title string, err error) {
	if collapsed {
		tree, err = flame.ReadCollapsed(in)
		return tree, "", err
	}
	page, err := flame.ReadPage(in)
	if err != nil {
		return nil, "", err
	}
	return page.Tree, page.Title, nil
}
