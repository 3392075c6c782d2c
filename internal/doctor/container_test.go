package doctor

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// inside makes the root of a container: its mounts and its first process.
func inside(t *testing.T, command string, mounts ...string) string {
	t.Helper()
	root := t.TempDir()
	text := ""
	for i, mount := range append([]string{"/", "/proc", "/dev/termination-log", "/etc/hosts", "/data", "/tmp"}, mounts...) {
		text += string(rune('a'+i)) + " 1 0:1 /x " + mount + " rw - ext4 /dev/sda rw\n"
	}
	for name, content := range map[string]string{"proc/self/mountinfo": text, "proc/1/cmdline": command, "zoneinfo.zip": ""} {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	return root
}

func TestAContainerThatWasMergedIntoOursIsFound(t *testing.T) {
	for _, name := range flinkVariables {
		t.Setenv(name, "")
	}
	run := "/sidecar\x00run\x00"
	for name, tc := range map[string]struct {
		root     string
		variable string
		says     string
	}{
		"our own":          {root: inside(t, run, "/etc/flink-sidecar", "/run/secrets/eks.amazonaws.com/serviceaccount")},
		"of the config":    {root: inside(t, run, "/company/ca")},
		"Flink's settings": {inside(t, run, "/opt/flink/conf"), "", "mount /opt/flink/conf"},
		"another mount":    {inside(t, run, "/fluent-bit/etc"), "", "mount /fluent-bit/etc"},
		"Flink's variable": {inside(t, run), "_POD_IP_ADDRESS", "variable _POD_IP_ADDRESS"},
		"Flink's command": {
			inside(t, "bash\x00-c\x00kubernetes-jobmanager.sh kubernetes-application"), "", "the command of Flink",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("KUBERNETES_SERVICE_HOST", "10.0.0.1")
			if tc.variable != "" {
				t.Setenv(tc.variable, "10.1.2.3")
			}
			d := doctor{options: Options{Root: tc.root}, named: []string{"/company/ca/root.pem"}}
			got := d.container(t.Context())[0]
			if tc.says == "" {
				require.Equal(t, check.OK, got.State, got.Says)
				return
			}
			require.Equal(t, check.Warning, got.State)
			require.Contains(t, got.Says, tc.says)
			require.Equal(t, `kubernetes.operator.pod-template.merge-arrays-by-name: "true"`, got.Fix.Line)
		})
	}
}

func TestOutsideOfKubernetesNothingIsMerged(t *testing.T) {
	t.Setenv("KUBERNETES_SERVICE_HOST", "")
	d := doctor{options: Options{Root: inside(t, "", "/opt/flink/conf")}}
	require.Empty(t, d.container(t.Context()))
}
