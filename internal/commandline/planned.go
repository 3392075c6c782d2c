package commandline

import (
	"fmt"
	"slices"

	"github.com/alecthomas/kingpin/v2"
)

// Planned adds a command with a settled name that does not work yet to the help.
func Planned(app *kingpin.Application, name, help string) {
	app.Command(name, "Not yet part of this version. "+help)
}

// NotYet is the message for args that name a planned command, so that scripts written for a later
// version show why they fail; empty for any other args. kingpin answers its --help.
func NotYet(args []string, planned ...string) string {
	if len(args) == 0 || !slices.Contains(planned, args[0]) || slices.ContainsFunc(args, asksForHelp) {
		return ""
	}
	return fmt.Sprintf("not yet: %s is not part of this version (sidecar --help lists what is)", args[0])
}
