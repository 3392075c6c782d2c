package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
)

// The probe is written by the sidecar that runs, because the host has none.
func TestAFirstProbeFromTheImage(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	cfg, err := config.Load("", config.Overrides{FlinkURL: "http://jobmanager:8081"})
	require.NoError(t, err)
	d := doctor{cfg: cfg, options: Options{Root: inside(t, "/sidecar\x00run\x00")}}
	want := &check.Fix{In: check.InShell, Line: probeHint(&cfg).Line}
	if id := containerID(); id != "" {
		want = &check.Fix{In: inHost, Line: "docker exec " + id + " /sidecar init --flink.url='http://jobmanager:8081' " +
			"--sample --output=- >sidecar-probe.yml"}
	}
	require.Equal(t, want, d.probe(t.Context())[0].Fix)
	require.Empty(t, idIn("vm"))
	require.Empty(t, idIn("0123456789abcdef"))
	require.Equal(t, "0123456789ab", idIn("0123456789ab"))
}

// In plain Docker there is no sudo and no shell: the line is an option of docker run, or a command
// of its host.
func TestNoCommandForAShellInTheImage(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	d := doctor{options: Options{Root: inside(t, "/sidecar\x00run\x00")}}
	dir := filepath.Join(t.TempDir(), "x")
	d.cfg.History.Path = filepath.Join(dir, "history.db")
	for _, found := range [][]check.Result{d.history(t.Context()), d.backupDirectory(dir)} {
		require.Equal(t, check.Failed, found[0].State)
		require.Nil(t, found[0].Fix)
		require.Contains(t, found[0].Says, "(mount a volume there, or correct the path)")
	}

	require.NoError(t, os.Mkdir(dir, 0o700))
	if os.Getuid() != 0 {
		t.Skip("only root gives directories away")
	}
	require.NoError(t, os.Chown(dir, 1234, 2345))
	require.Equal(t, &check.Fix{In: inRun, Line: "--user=1234:2345"}, d.own(dir, "u+rwx"))
	require.NoError(t, os.Chown(dir, 0, 0))
	fix := d.own(dir, "u+rwx")
	var want *check.Fix // a new volume at this place would not be ours
	if id := containerID(); id != "" {
		want = &check.Fix{In: inHost, Line: fmt.Sprintf("docker run --rm --volumes-from=%s busybox chown 0 '%s'", id, dir)}
	}
	require.Equal(t, want, fix)
	if want == nil {
		require.Equal(t, &check.Fix{In: inRun, Line: "--volume=flink-sidecar:/data"}, d.own("/data/none", "u+rwx"))
	}

	file, refused := filepath.Join(dir, "token"), &fs.PathError{Op: "open", Path: "x", Err: errors.Join(fs.ErrPermission)}
	require.NoError(t, os.WriteFile(file, []byte("t"), 0o600))
	require.NoError(t, os.Chown(file, 1234, 2345))
	require.Nil(t, d.readable(file, refused))
	require.Contains(t, d.whatFor(file, refused), "the file of the host that is mounted here")
	require.NoError(t, os.Chmod(file, 0o640))
	require.Equal(t, &check.Fix{In: inRun, Line: "--group-add=2345"}, d.readable(file, refused))
}
