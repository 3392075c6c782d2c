package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/classify"
)

// profileCommands are those about profiles.
func profileCommands(app *kingpin.Application, actions map[string]action) *kingpin.CmdClause {
	group := app.Command("profile", "Profiles: take, convert and compare them.")
	actions["profile take"] = takeCommand(group.Command("take", takeHelp))
	actions["profile convert"] = convertCommand(group.Command("convert", convertHelp))
	actions["profile diff"] = diffCommand(group.Command("diff", diffHelp))
	return group
}

// profileFile is a flame graph page that was read.
type profileFile struct {
	name    string
	mode    flame.Mode
	tree    *flame.Tree
	quality flame.Quality
}

// orDashed is the name of a file as it was typed: kingpin hands a dash that stands
// alone over as nothing.
func orDashed(name string) string { return cmp.Or(name, "-") }

// openProfile reads a page, or collapsed stacks; '-' is standard input and a page. mode
// is "" to find it by the title and the file's name.
func openProfile(name string, mode flame.Mode) (profileFile, error) {
	name = orDashed(name)
	in := os.Stdin
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return profileFile{}, err
		}
		defer file.Close()
		in = file
	}
	tree, title, err := readStacks(in, strings.HasSuffix(name, collapsedEnding))
	if err != nil {
		return profileFile{}, fmt.Errorf("%s: %w", name, err)
	}
	if mode == "" {
		mode = flame.ModeOf(title, name)
	}
	return profileFile{name: name, mode: mode, tree: tree, quality: tree.Quality()}, nil
}

// collapsedEnding is how files of collapsed stacks are called. Nothing in such a file
// tells what it is.
const collapsedEnding = ".collapsed"

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

// warn says why a profile is not good. It is used all the same: here a person
// looks, who may have no better one.
func (p profileFile) warn(w io.Writer) {
	if p.quality.Grade != flame.Good {
		fmt.Fprintf(w, "sidecar: warning: %s: a %s profile: %s\n", p.name, p.quality.Grade, strings.Join(p.quality.Reasons, "; "))
	}
}

// categorize names the category of a frame for tables.
func categorize(frame string) string { return string(classify.Frame(frame)) }

// printable is a frame's name for a terminal: it comes from outside.
func printable(name string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return unicode.ReplacementChar
		}
		return r
	}, name)
}

// percentOf is a part of a whole in percent, 0 of nothing.
func percentOf(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}
