package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

// profileCommands adds the commands about profiles.
func profileCommands(app *kingpin.Application, actions map[string]action) *kingpin.CmdClause {
	group := app.Command("profile", "Profiles: take, convert and compare them.")
	actions["profile take"] = takeCommand(group.Command("take", takeHelp))
	actions["profile convert"] = convertCommand(group.Command("convert", convertHelp))
	actions["profile diff"] = diffCommand(group.Command("diff", diffHelp))
	return group
}

// orDashed is the name of a file as typed: kingpin passes a lone dash as "".
func orDashed(name string) string { return cmp.Or(name, "-") }

// openProfile reads a page, or collapsed stacks; '-' is a page from standard input. With
// mode "" the title and the file name decide.
func openProfile(name string, mode flame.Mode) (report.Profile, error) {
	name = orDashed(name)
	in := os.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return report.Profile{}, err
		}
		defer file.Close()
		in = file
	}
	tree, title, err := readStacks(in, strings.HasSuffix(name, pagestore.CollapsedEnding))
	if err != nil {
		return report.Profile{}, fmt.Errorf("%s: %w", name, err)
	}
	if mode == "" {
		mode = flame.ModeOf(title, name)
	}
	return report.Profile{Name: name, Mode: mode, Tree: tree, Quality: tree.Quality()}, nil
}

func readStacks(in io.Reader, collapsed bool) (tree *flame.Tree, title string, err error) {
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
