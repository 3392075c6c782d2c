package internal_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// maxTracked is the largest size of a tracked file in bytes.
const maxTracked = 1 << 20

// machineCode holds the first bytes of the executable formats: ELF, Mach-O (32
// and 64 bit in both byte orders, universal) and PE.
var machineCode = [][]byte{
	[]byte("\x7fELF"),
	[]byte("\xfe\xed\xfa\xce"), []byte("\xfe\xed\xfa\xcf"), []byte("\xce\xfa\xed\xfe"), []byte("\xcf\xfa\xed\xfe"),
	[]byte("\xca\xfe\xba\xbe"),
	[]byte("MZ"),
}

// TestTrackedFiles keeps built programs and large files out of the repository:
// every clone would download them for ever.
func TestTrackedFiles(t *testing.T) {
	root, names := tracked(t)
	for _, name := range names {
		file := filepath.Join(root, name)
		info, err := os.Lstat(file)
		if errors.Is(err, os.ErrNotExist) || err == nil && !info.Mode().IsRegular() {
			continue // deleted and not committed yet, or a link
		}
		require.NoError(t, err)
		require.False(t, info.Size() > maxTracked && !mayBeLarge(name),
			"%s has %d bytes, the limit is %d (remove it, or compress it as .gz or .zst)", name, info.Size(), maxTracked)
		require.False(t, isMachineCode(head(t, file)), "%s is an executable (remove it from the repository)", name)
	}
}

func TestMachineCodeIsRecognised(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	require.True(t, isMachineCode(head(t, self)))
	require.False(t, isMachineCode([]byte("package main")))
	require.False(t, isMachineCode([]byte("MZ is how this text begins")))
	require.True(t, mayBeLarge("grafana/plugin/package-lock.json"))
	require.False(t, mayBeLarge("flame.test"))
}

// tracked returns the repository's root and the names of its tracked files.
func tracked(t *testing.T) (root string, names []string) {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "git", "rev-parse", "--show-toplevel").Output()
	if err != nil {
		t.Skip("not a git work tree, or no git")
	}
	root = strings.TrimSpace(string(out))
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z")
	cmd.Dir = root
	out, err = cmd.Output()
	require.NoError(t, err)
	return root, strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
}

// mayBeLarge reports whether the limit does not hold for a file: lock files,
// pictures and compressed test data.
func mayBeLarge(name string) bool {
	base := path.Base(name)
	return slices.Contains([]string{".png", ".gz", ".zst"}, path.Ext(base)) ||
		slices.Contains([]string{"go.sum", "package-lock.json", "Chart.lock"}, base)
}

// isMachineCode recognises an executable by its first bytes. "MZ" alone may be
// text: a PE file has a zero byte in its first header.
func isMachineCode(head []byte) bool {
	return slices.ContainsFunc(machineCode, func(magic []byte) bool {
		return bytes.HasPrefix(head, magic) && (len(magic) > 2 || bytes.IndexByte(head, 0) >= 0)
	})
}

func head(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	require.NoError(t, err)
	defer f.Close()
	first, err := io.ReadAll(io.LimitReader(f, 64))
	require.NoError(t, err)
	return first
}
