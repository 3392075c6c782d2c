package doctor

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Every check that the code makes is in the table of docs/operations.md, and no other.
func TestTheDocumentListsEveryCheck(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "grep", "-rhoE", `(Area: "[a-z]+"|(found|of)\.Add\("[a-z-]*")`,
		"--include=*.go", "--exclude=*_test.go", ".", "../../synthetic", "../../grafana", "../../advisor/llm",
		"../../alerts/notify",
		"../../profiling/profiler").Output()
	require.NoError(t, err)
	names := regexp.MustCompile(`Add\("([a-z-]+)"`).FindAllStringSubmatch(string(out), -1)
	require.NotEmpty(t, names)
	text, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "\n## Doctor\n")
	section, _, _ = strings.Cut(section, "\n## ")
	documented := regexp.MustCompile("`[a-z]+\\.([a-z-]+)`").FindAllStringSubmatch(section, -1)
	in := map[string]bool{}
	for _, d := range documented {
		in[d[1]] = true
	}
	made := map[string]bool{}
	for _, name := range names {
		made[name[1]] = true
	}
	delete(in, "yml")    // of sidecar.yml
	delete(in, "cutoff") // of probe.cutoff
	require.Equal(t, made, in)
}
