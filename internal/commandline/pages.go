package commandline

import (
	"io"

	"github.com/alecthomas/kingpin/v2"
)

// pages are what kingpin writes from the commands and their flags. kingpin itself writes them to
// the standard output of the process and then ends it, so they are written here.
var pages = map[string]string{
	"--help-man":               kingpin.ManPageTemplate,
	"--completion-script-bash": kingpin.BashCompletionTemplate,
	"--completion-script-zsh":  kingpin.ZshCompletionTemplate,
}

// WritePage writes the page that the only argument asks for. found is false if it asks for none.
func WritePage(app *kingpin.Application, args []string, stdout io.Writer) (found bool, err error) {
	if len(args) != 1 || pages[args[0]] == "" {
		return false, nil
	}
	app.UsageWriter(stdout)
	everything, err := app.ParseContext(nil)
	if err != nil {
		return true, err
	}
	return true, app.UsageForContextWithTemplate(everything, 2, pages[args[0]])
}
