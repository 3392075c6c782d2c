//go:build e2e

package flame

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// asmOfJDK opens the JDK's class writer, with which Pairs.java creates unusual names.
const asmOfJDK = "--add-exports=java.base/jdk.internal.org.objectweb.asm=ALL-UNNAMED"

// TestNewPairs records a small load with each version of async-profiler, and compares the
// pages with async-profiler's own collapsed stacks. It needs a JDK and Maven. A mode that
// the machine does not allow has no pair.
func TestNewPairs(t *testing.T) {
	for _, version := range []string{"2.9", "3.0", "4.0", "4.1", "4.2", "4.3", "4.4"} {
		t.Run(version, func(t *testing.T) {
			dir := t.TempDir()
			output(t, "mvn", "-B", "-q", "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy",
				"-Dartifact=tools.profiler:async-profiler:"+version, "-DoutputDirectory="+dir)
			path := filepath.Join(dir, "async-profiler-"+version+".jar") + string(os.PathListSeparator) + dir
			output(t, "javac", asmOfJDK, "-cp", path, "-d", dir, "testdata/pairs/Pairs.java")
			t.Log(output(t, "java", asmOfJDK, "-cp", path, "Pairs", dir, version))

			pages, err := filepath.Glob(filepath.Join(dir, "*.html"))
			require.NoError(t, err)
			require.NotEmpty(t, pages)
			for _, file := range pages {
				collapsed, err := os.ReadFile(strings.TrimSuffix(file, ".html") + ".collapsed")
				require.NoError(t, err)
				page := readFile(t, file)
				require.Equal(t, asContracted(t, collapsed), collapse(t, page.Tree), file)
				t.Logf("%s: %d samples", filepath.Base(file), page.Tree.Total())
			}
		})
	}
}

// output runs a program and returns its output.
func output(t *testing.T, name string, args ...string) string {
	t.Helper()
	said, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput()
	require.NoError(t, err, "%s", said)
	return string(said)
}
