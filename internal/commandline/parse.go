// Package commandline is what the command line does before a command begins: it finds the command,
// answers requests for help, and writes the pages that other programs read.
package commandline

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kingpin/v2"
)

var (
	// ErrAnswered is returned when the arguments asked for help, which is written.
	ErrAnswered = errors.New("help was requested")
	// ErrUsage is returned when the arguments are wrong. What is wrong is written.
	ErrUsage = errors.New("wrong usage")
)

// Parse returns the command that args name. Help goes to stdout, a usage error to stderr; the
// error is then [ErrAnswered] or [ErrUsage].
func Parse(app *kingpin.Application, args []string, stdout, stderr io.Writer) (command string, err error) {
	var usage bytes.Buffer
	shown := false // kingpin printed help, or the usage where a command is missing
	app.UsageWriter(&usage)
	app.ErrorWriter(stderr)
	app.Terminate(func(int) { shown = true })
	command, err = app.Parse(args)
	switch {
	case shown && isUnknownTopic(app, args):
		fmt.Fprintf(stderr, "sidecar: there is no command %q (see sidecar --help)\n", strings.Join(args[1:], " "))
		return "", ErrUsage
	case shown && slices.ContainsFunc(args, asksForHelp):
		_, _ = usage.WriteTo(stdout) // nothing can be done about a terminal that is gone
		return "", ErrAnswered
	case shown:
		_, _ = usage.WriteTo(stderr)
		return "", ErrUsage
	case err != nil:
		fmt.Fprintf(stderr, "sidecar: %v (see sidecar %s--help)\n", err, prefixOf(app, args))
		return "", ErrUsage
	}
	return command, nil
}

// asksForHelp reports whether kingpin answers an argument itself: help, the version, or the words
// that complete a command line.
func asksForHelp(arg string) bool {
	return slices.Contains([]string{
		"--version", "--completion-bash", "--help", "-h", "help", "--help-long", "--help-man",
	}, arg)
}

// prefixOf returns the command at the beginning of args as far as there is one, for the hint in a
// usage error.
func prefixOf(app *kingpin.Application, args []string) string {
	path := commandPath(app, args)
	if len(path) == 0 {
		return ""
	}
	return strings.Join(path, " ") + " "
}

// isUnknownTopic reports whether args ask for the help of a command that does not exist.
func isUnknownTopic(app *kingpin.Application, args []string) bool {
	return len(args) > 0 && args[0] == "help" && len(commandPath(app, args[1:])) < len(words(args[1:]))
}

// commandPath is the longest command, with its groups, at the beginning of args.
func commandPath(app *kingpin.Application, args []string) (path []string) {
	commands := app.Model().Commands
	for _, word := range words(args) {
		at := slices.IndexFunc(commands, func(c *kingpin.CmdModel) bool { return c.Name == word })
		if at < 0 {
			break
		}
		path, commands = append(path, word), commands[at].Commands
	}
	return path
}

// words are the args that are no flags.
func words(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasPrefix(arg, "-") })
}
