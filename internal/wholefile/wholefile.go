// Package wholefile replaces a file in one step: a reader sees the old content or the new one, never a
// part.
package wholefile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Write has write fill the file at path, which its owner alone may read. The file takes its name, and
// the place of an older one, when it is whole and on disk. After an error nothing has changed.
func Write(path string, write func(io.Writer) error) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".new-*") // 0600
	if err != nil {
		return fmt.Errorf("%w (name a file in a directory that can be written)", err)
	}
	out := bufio.NewWriter(f)
	if err = write(out); err == nil {
		err = errors.Join(out.Flush(), f.Sync())
	}
	if err = errors.Join(err, f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return nil
}
