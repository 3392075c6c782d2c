package main

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// TestProfileTake takes two profiles of the busiest TaskManager, one of a named
// one and one of the JobManager, and converts what was kept.
func TestProfileTake(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23)
	page, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-ITIMER.html")
	require.NoError(t, err)
	server.EnableProfiler(page)
	dir := filepath.Join(t.TempDir(), "made", "here")
	take := func(args ...string) (int, string, string) {
		var stdout, stderr output
		code := run(t.Context(), append([]string{
			"profile", "take", "--flink.url=" + server.URL, "--duration=1s",
			"--output=" + dir,
		}, args...), &stdout, &stderr)
		return code, stdout.String(), stderr.String()
	}

	code, out, stderr := take("--modes=ITIMER,alloc")
	require.Equal(t, exitFine, code, stderr)
	line := regexp.MustCompile(`(?m)^(\S{26}) (ITIMER|ALLOC) (\S+) (\d+) (\S+\.html)$`)
	lines := line.FindAllStringSubmatch(out, -1)
	require.Len(t, lines, 2, out)
	require.Equal(t, "ITIMER", lines[0][2])
	require.Equal(t, "ALLOC", lines[1][2])
	kept, err := os.ReadFile(lines[0][5])
	require.NoError(t, err)
	require.Equal(t, page, kept)
	var table output
	require.Equal(t, exitFine, run(t.Context(), []string{"profile", "convert", lines[1][5], "--to=json"}, &table,
		&table))
	require.Contains(t, table.String(), `"mode": "ALLOC"`)

	code, out, stderr = take("--taskmanager=tm2")
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, "tm2", line.FindStringSubmatch(out)[3])
	code, out, stderr = take("--jobmanager")
	require.Equal(t, exitFine, code, stderr)
	require.Equal(t, "jobmanager", line.FindStringSubmatch(out)[3])
}

// TestProfileTakeOfThreads works without Flink's profiler, and reads the kept file.
func TestProfileTakeOfThreads(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23) // its profiler is disabled
	dump, err := os.ReadFile("../../internal/flame/testdata/flink/flink-2.3.0-tm-threads.json")
	require.NoError(t, err)
	server.Answer("/taskmanagers/tm2/thread-dump", 200, string(dump))
	var out, stderr output
	code := run(t.Context(), []string{
		"profile", "take", "--flink.url=" + server.URL, "--duration=1s",
		"--modes=threads", "--taskmanager=tm2", "--output=" + t.TempDir(),
	}, &out, &stderr)
	require.Equal(t, exitFine, code, stderr.String())
	line := regexp.MustCompile(`^\S{26} THREADS tm2 \d+ (\S+\.collapsed)\n$`).FindStringSubmatch(out.String())
	require.NotNil(t, line, out.String())
	for _, args := range [][]string{{"convert", line[1], "--to=json"}, {"diff", line[1], line[1], "--to=json"}} {
		var text output
		require.Equal(t, exitFine, run(t.Context(), append([]string{"profile"}, args...), &text, &stderr),
			stderr.String())
		require.Contains(t, text.String(), `"mode": "THREADS"`)
		require.NotContains(t, text.String(), `"idle": 0`)
	}
	var advice output
	require.Equal(t, exitFine, run(t.Context(), []string{"advise", "--profile=" + line[1]}, &advice, &stderr),
		stderr.String())
	require.Regexp(t, `was set aside: only \d of its \d+ samples are of tasks at work`, advice.String(),
		"the job was nearly idle")
}

func TestProfileTakeSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	server := flinktest.New(t, flinktest.Flink23) // its profiler is disabled
	for name, test := range map[string]struct {
		args []string
		code int
		says string
	}{
		"disabled":  {[]string{"--taskmanager=tm1"}, exitFailed, "set rest.profiling.enabled: true"},
		"two":       {[]string{"--taskmanager=tm1", "--jobmanager"}, exitUsage, "exclude each other"},
		"mode":      {[]string{"--modes=ITIMER,HEAP"}, exitUsage, `--modes: "HEAP"`},
		"too short": {[]string{"--duration=10ms"}, exitUsage, "is below a second"},
		"cluster":   {[]string{"--cluster=other"}, exitUsage, `--cluster: "other" is none of: `},
	} {
		t.Run(name, func(t *testing.T) {
			var stdout, stderr output
			args := append([]string{"profile", "take", "--flink.url=" + server.URL, "--output=" + t.TempDir()},
				test.args...)
			require.Equal(t, test.code, run(t.Context(), args, &stdout, &stderr), stderr.String())
			require.Contains(t, stderr.String(), test.says)
			require.Empty(t, stdout.String())
		})
	}
}
