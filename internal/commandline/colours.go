package commandline

import (
	"io"
	"os"

	"golang.org/x/term"
)

// TakesColours reports whether an output shows colours; NO_COLOR refuses them
// (https://no-color.org).
func TakesColours(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && os.Getenv("NO_COLOR") == "" && term.IsTerminal(int(file.Fd()))
}
