package commandline

import (
	"strings"
	"text/template"

	"github.com/alecthomas/kingpin/v2"
)

// Overview makes a list of commands show the first paragraph of each help. The help of a command
// shows all of it.
func Overview(app *kingpin.Application) {
	app.UsageFuncs(template.FuncMap{"FirstParagraph": firstParagraph})
	app.UsageTemplate(strings.Replace(kingpin.DefaultUsageTemplate, "{{.Help|Wrap 4}}", "{{.Help|FirstParagraph|Wrap 4}}", 1))
}

func firstParagraph(text string) string {
	first, _, _ := strings.Cut(text, "\n\n")
	return first
}
