package main

import (
	"cmp"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kingpin/v2"
)

// profileCommands adds the commands about profiles.
func profileCommands(app *kingpin.Application, actions map[string]action) {
	group := app.Command("profile", "Profiles: take, convert and compare them.")
	actions["profile take"] = takeCommand(group.Command("take", takeHelp))
	actions["profile convert"] = convertCommand(group.Command("convert", convertHelp))
	actions["profile diff"] = diffCommand(group.Command("diff", diffHelp))
}

// orDashed is the name of a file as typed: kingpin passes a lone dash as "".
func orDashed(name string) string { return cmp.Or(name, "-") }

// fileArg is a FILE of the command line as typed.
type fileArg string

// Set implements kingpin.Value.
func (f *fileArg) Set(name string) error { *f = fileArg(orDashed(name)); return nil }

// String implements kingpin.Value.
func (f *fileArg) String() string { return string(*f) }

// openInput opens a file, or standard input if its name is a dash.
func openInput(name string) (io.ReadCloser, error) {
	if orDashed(name) == "-" {
		return io.NopCloser(os.Stdin), nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("%w (check the path)", err)
	}
	return file, nil
}
