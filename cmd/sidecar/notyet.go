package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

// planned lists the commands with a settled name that do not work yet. They fail with a
// reason, so that scripts written for a later version show why.
var planned = []struct {
	name string // as typed, words separated by one space
	help string
}{
	{"mcp", "Serve evidence to coding assistants."},
}

// notYet reports whether args name a planned command, with the message for it. kingpin
// answers its --help.
func notYet(args []string) (message string, found bool) {
	if slices.ContainsFunc(args, asksForHelp) {
		return "", false
	}
	// A command comes before its subcommands in the list, and matches them too.
	for _, p := range slices.Backward(planned) {
		words := strings.Fields(p.name)
		if len(args) >= len(words) && slices.Equal(args[:len(words)], words) {
			return fmt.Sprintf("not yet: %s is not part of this version (sidecar --help lists what is)", p.name), true
		}
	}
	return "", false
}

// declareNotYet adds the planned commands to the help. Groups with working commands are
// passed in.
func declareNotYet(app *kingpin.Application, groups ...*kingpin.CmdClause) {
	parents := map[string]*kingpin.CmdClause{}
	for _, g := range groups {
		parents[g.Model().Name] = g
	}
	for _, p := range planned {
		help := "Not yet part of this version. " + p.help
		group, leaf, nested := strings.Cut(p.name, " ")
		if !nested {
			parents[group] = app.Command(group, help)
			continue // it may have further commands below it
		}
		if parents[group] == nil {
			parents[group] = app.Command(group, "Not yet part of this version.")
		}
		parents[group].Command(leaf, help)
	}
}
