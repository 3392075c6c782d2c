package doctor

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

// A Secret that was mounted wrongly is a directory, or a file without content.
func TestSecretsAreFilesWithAContent(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "sidecar.yml")
	require.NoError(t, os.WriteFile(file, []byte(`
flink: {url: "http://127.0.0.1:1"}
grafana: {url: "http://127.0.0.1:1", token_file: token}
advisor: {source: [{dir: src}]}
`), 0o600))
	token := filepath.Join(dir, "token")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "src"), 0o700))
	examine := func() []check.Result {
		cfg, err := config.Load(file, config.Overrides{})
		require.NoError(t, err)
		d := doctor{cfg: cfg, named: cfg.Files()}
		return d.files(t.Context())
	}
	for says, plant := range map[string]func() error{
		"is empty (write its content":     func() error { return os.WriteFile(token, []byte(" \n"), 0o600) },
		"is a directory (name the file":   func() error { return os.Mkdir(token, 0o700) },
		"no such file or directory (make": func() error { return nil },
	} {
		require.NoError(t, os.RemoveAll(token))
		require.NoError(t, plant())
		found := examine()
		require.Len(t, found, 1, says)
		require.Equal(t, check.Failed, found[0].State)
		require.Contains(t, found[0].Says, says)
	}
	require.NoError(t, os.RemoveAll(token))
	require.NoError(t, os.WriteFile(token, []byte("t"), 0o600))
	require.Empty(t, examine())
}

// setfacl can't change a file of a volume that is mounted read-only.
func TestNoCommandForAReadOnlyVolume(t *testing.T) {
	refused := &fs.PathError{Op: "open", Path: "x", Err: errors.Join(fs.ErrPermission)}
	require.Contains(t, (&doctor{}).readable(filepath.Join(t.TempDir(), "x"), refused).Line, "setfacl -m u:")
	for _, place := range mounts("/") {
		if info, err := os.Stat(place); err == nil && info.IsDir() && mountedReadOnly(filepath.Join(place, "x")) {
			require.Nil(t, (&doctor{}).readable(filepath.Join(place, "x"), refused))
			require.Contains(t, (&doctor{}).whatFor(filepath.Join(place, "x"), refused), "fsGroup")
			return
		}
	}
	t.Skip("no file system here is mounted read-only")
}
