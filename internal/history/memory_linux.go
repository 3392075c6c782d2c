package history

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// memoryFile returns a file that exists only in memory and ends with its last
// descriptor, so that a history in memory uses bbolt too.
func memoryFile() (*os.File, error) {
	fd, err := unix.MemfdCreate("flink-sidecar-history", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("memfd_create: %w", err)
	}
	return os.NewFile(uintptr(fd), "memory"), nil
}
