package pagestore

import (
	"path/filepath"
	"strings"
)

// DirBeside is a directory beside the history file: FILE without its ending, and
// "-profiles".
func DirBeside(history string) string {
	return strings.TrimSuffix(history, filepath.Ext(history)) + "-profiles"
}
