package doctor

import (
	"errors"
	"io/fs"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// The image has no shell: in Kubernetes, the pod gives the right to write.
func TestNoCommandForAShellInKubernetes(t *testing.T) {
	refused := &fs.PathError{Op: "open", Path: "x", Err: errors.Join(fs.ErrPermission)}
	missing := filepath.Join(t.TempDir(), "x")
	d := doctor{}
	d.cfg.History.Path = filepath.Join(missing, "history.db")

	t.Setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
	require.Equal(t, &check.Fix{In: "securityContext of the pod", Line: "fsGroup: 65532"}, d.own("/data", "u+rwx"))
	for _, found := range [][]check.Result{d.history(t.Context()), d.backupDirectory(missing)} {
		require.Equal(t, check.Failed, found[0].State)
		require.Nil(t, found[0].Fix)
		require.Contains(t, found[0].Says, "(mount a volume there, or correct the path)")
	}
	require.Nil(t, d.readable(missing, refused))
	require.Contains(t, d.whatFor(missing, refused), "fsGroup")

	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	require.Equal(t, check.InShell, d.own("/data", "u+rwx").In)
	require.Contains(t, d.own("/data", "u+rwx").Line, "&& chmod u+rwx '/data'")
	require.Equal(t, "install -d -m 0700 "+check.Quoted(missing), d.history(t.Context())[0].Fix.Line)
}
