package main

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
)

// command runs the program and demands that it does well.
func command(t *testing.T, args ...string) string {
	t.Helper()
	var stdout, stderr output
	require.Equal(t, exitFine, run(t.Context(), args, &stdout, &stderr), "%v: %s", args, &stderr)
	return stdout.String()
}

// The shape of --to=json is a contract; a frame that recurs counts once a stack.
func TestConvertToJSON(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x_LOCK_1.html")
	require.NoError(t, os.WriteFile(path, []byte(`<h1>CPU profile</h1>
f(0,0,9,3,'all')
f(1,0,9,1,'java/lang/Thread.run')
f(2,0,9,1,'com/acme/Tree.walk')
f(3,0,9,1,'com/acme/Tree.walk')
f(4,4,5,1,'java/util/regex/Pattern.compile')
</script></body></html>
`), 0o600))
	require.JSONEq(t, `{"mode":"LOCK","total":9,"unit":"samples","frames":[
		{"name":"java/util/regex/Pattern.compile","self":5,"total":5,"category":"regex"},
		{"name":"com/acme/Tree.walk","self":4,"total":9,"category":"user-code"},
		{"name":"java/lang/Thread.run","self":0,"total":9,"category":"java"}],
		"quality":{"grade":"bad","samples":9,"unknown":0,"broken":0,"rootless":0,"reasons":["only 9 samples (profile for longer, or under load)"]},
		"idle":0,"threads":[{"thread":"other","samples":9}],
		"categories":[{"category":"regex","task":0,"other":5},{"category":"user-code","task":0,"other":4}],
		"operators":[]}`,
		command(t, "profile", "convert", path, "--to=json"))
}

// The mode is what --mode says, or the title, or the file's name, or CPU.
func TestConvertFindsTheMode(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, test := range []struct{ page, name, flag, want string }{
		{"flink-2.3.0-tm-ALLOC.html", "x_WALL_1.html", "", "ALLOC"},
		{"flink-2.3.0-tm-ITIMER.html", "x_ITIMER_1.html", "", "ITIMER"},
		{"flink-2.3.0-tm-ITIMER.html", "x-ITIMER.html", "", "ITIMER"},
		{"flink-2.3.0-tm-ITIMER.html", "x.html", "", "CPU"},
		{"flink-2.3.0-tm-ITIMER.html", "x.html", "--mode=LOCK", "LOCK"},
		{"flink-2.3.0-tm-ALLOC.html", "x.html", "--mode=wall", "WALL"},
	} {
		text, err := os.ReadFile(flames + test.page)
		require.NoError(t, err)
		path := filepath.Join(dir, test.name)
		require.NoError(t, os.WriteFile(path, text, 0o600))
		args := []string{"profile", "convert", path, "--to=json"}
		if test.flag != "" {
			args = append(args, test.flag)
		}
		var document struct{ Mode string }
		require.NoError(t, json.Unmarshal([]byte(command(t, args...)), &document))
		require.Equal(t, test.want, document.Mode)
	}
}

// What diff writes as collapsed stacks is what convert writes of each, side by
// side, where names are left alone.
func TestDiffIsBothSideBySide(t *testing.T) {
	t.Parallel()
	base, next := flames+"flink-1.20.5-tm-ITIMER.html", flames+"flink-2.3.0-tm-CPU.html"
	sides := map[string][2]string{}
	for side, path := range []string{base, next} {
		for line := range strings.Lines(command(t, "profile", "convert", path, "--to=collapsed")) {
			stack, count := cutCount(line)
			both := sides[stack]
			both[side] = count
			sides[stack] = both
		}
	}
	var want strings.Builder
	for _, stack := range slices.Sorted(maps.Keys(sides)) {
		want.WriteString(stack + " " + orZero(sides[stack][0]) + " " + orZero(sides[stack][1]) + "\n")
	}
	require.Equal(t, want.String(), command(t, "profile", "diff", base, next, "--to=collapsed"))
	require.NotEqual(t, want.String(), command(t, "profile", "diff", base, next, "--to=collapsed", "--normalise"))
}

func cutCount(line string) (stack, count string) {
	line = strings.TrimSuffix(line, "\n")
	space := strings.LastIndexByte(line, ' ')
	return line[:space], line[space+1:]
}

func orZero(count string) string {
	if count == "" {
		return "0"
	}
	return count
}

func TestDiffToJSON(t *testing.T) {
	t.Parallel()
	var document report.Diff
	require.NoError(t, json.Unmarshal([]byte(command(t, "profile", "diff", flames+"flink-2.3.0-tm-WALL.html",
		flames+"flink-2.3.0-tm-WALL.html", "--to=json")), &document))
	require.Equal(t, document.Base, document.New)
	require.Equal(t, flame.Wall, document.New.Mode)
	require.EqualValues(t, 20314, document.New.Total)
	require.Greater(t, document.New.Idle, document.New.Total*9/10)
	require.Equal(t, flame.Good, document.New.Quality.Grade)
	require.Positive(t, document.Compared)
	require.NotEmpty(t, document.Frames)
	for _, frame := range document.Frames {
		require.Equal(t, flame.Unchanged, frame.Total.Verdict, frame.Name)
	}
}

func TestConvertRefusesMoreThan64MiB(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine computes: the race detector sees nothing and makes it many times slower")
	}
	t.Parallel()
	path := filepath.Join(t.TempDir(), "large.html")
	file, err := os.Create(path)
	require.NoError(t, err)
	_, err = file.WriteString("<h1>CPU profile</h1>\nf(0,0,9,3,'all')\n")
	require.NoError(t, err)
	lines := strings.Repeat("f(1,0,0,3,'run')\n", 1<<12)
	for size := 0; size <= 64<<20; size += len(lines) {
		_, err = file.WriteString(lines)
		require.NoError(t, err)
	}
	require.NoError(t, file.Close())
	var stdout, stderr output
	require.Equal(t, exitFailed, run(t.Context(), []string{"profile", "convert", path, "--to=collapsed"}, &stdout,
		&stderr))
	require.Regexp(t, `^sidecar: .*large.html: line \d+: more than 64 MiB: too large to be read \(take a shorter profile\)\n$`, stderr.String())
	require.Empty(t, stdout.String())
}

// A frame cannot write to the terminal.
func TestTableShowsFramesHarmlessly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "x.html")
	require.NoError(t, os.WriteFile(path,
		[]byte("<h1>CPU profile</h1>\nf(0,0,9,3,'all')\nf(1,0,9,1,'a\x1b[2Jb\xff')\n</html>\n"), 0o600))
	require.Contains(t, command(t, "profile", "convert", path, "--to=table"), "a\uFFFD[2Jb\uFFFD\n")
}
