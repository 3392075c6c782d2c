//go:build !linux

package history

import (
	"errors"
	"os"
)

// memoryFile returns a file without a name. On systems without files in memory it is a
// temporary file that is removed at once and ends with its last descriptor.
func memoryFile() (*os.File, error) {
	f, err := os.CreateTemp("", "flink-sidecar-history-*")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(f.Name()); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
