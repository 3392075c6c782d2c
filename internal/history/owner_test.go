package history

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestOwner(t *testing.T) {
	s := openNew(t)
	_, ok, err := FindOwner(s.Path())
	require.NoError(t, err)
	require.False(t, ok)

	require.NoError(t, s.Announce("http://127.0.0.1:1"))
	require.NoError(t, s.Announce("http://127.0.0.1:2"))
	o, ok, err := FindOwner(s.Path())
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, Owner{URL: "http://127.0.0.1:2", PID: os.Getpid(), Started: processStart(os.Getpid())}, o)
	info, err := os.Stat(s.Path() + ".owner")
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())

	require.NoError(t, s.Close())
	left, err := os.ReadDir(filepath.Dir(s.Path()))
	require.NoError(t, err)
	require.Len(t, left, 1, "only the database is left")
}

func TestOwnerThatEnded(t *testing.T) {
	ended := exec.CommandContext(t.Context(), "true")
	require.NoError(t, ended.Run())
	zombie := exec.CommandContext(t.Context(), "true")
	require.NoError(t, zombie.Start())
	require.Eventually(t, func() bool {
		return processStart(zombie.Process.Pid) == "ended" ||
			processStart(os.Getpid()) == ""
	},
		waitLong, waitTick)
	defer func() { _ = zombie.Wait() }()

	for _, test := range []struct {
		name  string
		owner Owner
		want  bool
	}{
		{"ended", Owner{PID: ended.ProcessState.Pid(), Started: "boot/1"}, false},
		{"a zombie", Owner{PID: zombie.Process.Pid, Started: "boot/1"}, processStart(os.Getpid()) == ""},
		{"another process has its pid", Owner{PID: os.Getpid(), Started: "boot/1"}, processStart(os.Getpid()) == ""},
		{"no pid", Owner{PID: 0}, false},
		{"a group", Owner{PID: -1}, false},
		{"unknown start", Owner{PID: os.Getpid()}, true},
		{"alive", Owner{PID: os.Getpid(), Started: processStart(os.Getpid())}, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "h.db")
			data, err := json.Marshal(test.owner)
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(path+".owner", data, 0o600))
			_, ok, err := FindOwner(path)
			require.NoError(t, err)
			require.Equal(t, test.want, ok)
		})
	}
}

func TestOwnerFileOfAnotherIsLeftAlone(t *testing.T) {
	s := openNew(t)
	other := fmt.Appendf(nil, `{"url":"http://127.0.0.1:9","pid":%d}`, os.Getppid())
	require.NoError(t, os.WriteFile(s.Path()+".owner", other, 0o600))
	require.NoError(t, s.Close())
	kept, err := os.ReadFile(s.Path() + ".owner")
	require.NoError(t, err)
	require.Equal(t, other, kept)
}

func TestOwnerFileThatCannotBeRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "h.db")
	require.NoError(t, os.WriteFile(path+".owner", []byte("{"), 0o600))
	_, _, err := FindOwner(path)
	require.EqualError(t, err, "history: owner file "+path+
		".owner can't be read: unexpected EOF (remove it if no sidecar runs)")
}
