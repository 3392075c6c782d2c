package bundlefile_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
)

const (
	cpuFile  = "profiles/cpu_profile-ITIMER.collapsed.gz"
	wallFile = "profiles/wall-WALL.collapsed.gz"
)

// written writes the full bundle after a change to its files, and returns the directory.
func written(t *testing.T, change func(bundlefile.Files)) string {
	t.Helper()
	files := maps.Clone(packed(t))
	change(files)
	dir := filepath.Join(t.TempDir(), "bundle")
	require.NoError(t, files.Write(dir))
	return dir
}

func facts(text string) func(bundlefile.Files) {
	return func(f bundlefile.Files) { f[bundlefile.Name] = []byte(text) }
}

func replaced(old, new string) func(bundlefile.Files) {
	return func(f bundlefile.Files) {
		f[bundlefile.Name] = bytes.Replace(f[bundlefile.Name], []byte(old), []byte(new), 1)
	}
}

// TestABundleThatCannotBeUsed: each message says what is wrong and what to do.
func TestABundleThatCannotBeUsed(t *testing.T) {
	for name, test := range map[string]struct {
		change func(bundlefile.Files)
		want   string
	}{
		"no facts": {
			func(f bundlefile.Files) { delete(f, bundlefile.Name) },
			"bundle.json is missing (write the bundle again)",
		},
		"cut off": {
			func(f bundlefile.Files) { f[bundlefile.Name] = f[bundlefile.Name][:2000] },
			"bundle.json: cut off before its end (copy the bundle again)",
		},
		"edited": {
			replaced(`"busy_ratio": 0.97`, `"busy_ratio": 0.17`),
			"bundle.json: edited since it was written: its hash differs (write the bundle again, or remove",
		},
		"newer":       {facts(`{"version": 2, "profiles": "elsewhere"}`), "version 2 is from a newer sidecar (use that"},
		"newer alike": {facts(`{"version": 3}`), "version 3 is from a newer sidecar (use that version, or a newer one)"},
		"not JSON":    {facts("version: 1\n"), "not JSON at byte 1"},
		"wrong kind":  {facts(`{"version": 1, "vertices": [{"busy_ratio": "high"}]}`), "vertices.busy_ratio has a string where a float64"},
		"too many": {
			facts(`{"profiles": [` + strings.Repeat(`"a.html",`, 64) + `"a.html"]}`),
			"65 profiles are more than 64 (leave some out)",
		},
		"no profile": {facts(`{"profiles": ["a.html"]}`), "no profile can be used: profile a.html is not used: a.html is missing"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := bundlefile.Read(written(t, test.change))
			require.ErrorContains(t, err, test.want)
		})
	}
	_, _, err := bundlefile.Read(filepath.Join(t.TempDir(), "none"))
	require.ErrorContains(t, err, "no such file or directory (give a directory with bundle.json)")
}

// TestAProfileThatCannotBeUsed: the others are judged, and a warning says why.
func TestAProfileThatCannotBeUsed(t *testing.T) {
	for name, test := range map[string]struct {
		change func(bundlefile.Files)
		want   string
	}{
		"missing": {
			func(f bundlefile.Files) { delete(f, wallFile) },
			"wall-WALL.collapsed.gz is missing (write the bundle again, or remove its entry from bundle.json)",
		},
		"edited": {
			func(f bundlefile.Files) { f[wallFile] = f[cpuFile] },
			"it is cut off or edited: its hash differs from bundle.json (copy the bundle again",
		},
		"a directory": {
			func(f bundlefile.Files) { delete(f, wallFile); f[wallFile+"/x"] = nil },
			"is not a file",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, warnings, err := bundlefile.Read(written(t, test.change))
			require.NoError(t, err)
			require.Len(t, warnings, 1)
			require.Contains(t, warnings[0], "profile "+wallFile+" is not used: ")
			require.Contains(t, warnings[0], test.want)
			require.Len(t, b.Profiles, 2)
			require.Equal(t, "enrich", b.Vertices[1].Name)
		})
	}
}

// byHand writes a bundle of files as a person does, with two stacks in a.collapsed.
func byHand(t *testing.T, facts string, files bundlefile.Files) (evidence.Bundle, []string, error) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "bundle")
	all := bundlefile.Files{bundlefile.Name: []byte(facts), "a.collapsed": []byte("a;b 1\na;c 2\n")}
	maps.Copy(all, files)
	require.NoError(t, all.Write(dir))
	return bundlefile.Read(dir)
}

func TestABundleByHand(t *testing.T) {
	page, err := os.ReadFile("../../flame/testdata/pairs/3.0-ITIMER.html")
	require.NoError(t, err)
	b, warnings, err := byHand(t, `{
		"job": "orders", "mood": "good",
		"trends": [{"signal": "checkpoint_duration", "now": 5, "breach_seconds": 90}],
		"profiles": ["a.collapsed", {"file": "x/tm_ITIMER_1.html", "name": "one"},
			{"file": "a.collapsed", "mode": "lock", "duration_seconds": 1.5, "process": "tm"}]
	}`, bundlefile.Files{"x/tm_ITIMER_1.html": page})
	require.NoError(t, err)
	require.Equal(t, []string{`bundle.json: json: unknown field "mood" is ignored ` +
		`(correct the name, if it is one of a field)`}, warnings)
	require.Equal(t, "1m30s", b.Trends[0].Breach.String())
	require.Len(t, b.Profiles, 3)
	require.Equal(t, []string{"a.collapsed", "CPU"}, []string{b.Profiles[0].Name, b.Profiles[0].Mode})
	require.Equal(t, []string{"one", "ITIMER"}, []string{b.Profiles[1].Name, b.Profiles[1].Mode})
	require.Equal(t, "LOCK 1.5s tm", b.Profiles[2].Mode+" "+b.Profiles[2].Duration.String()+" "+b.Profiles[2].Process)
	require.EqualValues(t, 3, samples(b.Profiles[0]))
	require.Positive(t, samples(b.Profiles[1]))
}

func samples(p evidence.Profile) (sum int64) {
	for _, n := range p.Stacks {
		sum += n
	}
	return sum
}

// TestWrongProfilesByHand: each has a good one beside it, which is used.
func TestWrongProfilesByHand(t *testing.T) {
	for entry, want := range map[string]string{
		`"../a.collapsed"`:                       "outside of the bundle's directory (copy the file",
		`"/etc/passwd"`:                          "outside of the bundle's directory",
		`"b.txt"`:                                "its form is unknown (it must end in .html, .collapsed or one of these with .gz)",
		`"b.html"`:                               "not a flame graph of async-profiler",
		`"b.collapsed.gz"`:                       "it is not compressed with gzip",
		`"c.collapsed.gz"`:                       "it is cut off or damaged: unexpected EOF (copy the bundle again)",
		`"d.collapsed.gz"`:                       "it is cut off or damaged: gzip: invalid checksum (copy the bundle again)",
		`{"file": "a.collapsed", "mode": "fun"}`: `"fun" is not a profiling mode (use ITIMER`,
		`{"file": "a.collapsed", "sha256": "0"}`: "its hash differs",
		`{"mode": "CPU"}`:                        "outside of the bundle's directory",
	} {
		t.Run(entry, func(t *testing.T) {
			text := []byte("no profile\n")
			b, warnings, err := byHand(t, `{"version": 1, "profiles": ["a.collapsed", `+entry+`]}`,
				bundlefile.Files{
					"b.txt": text, "b.html": text, "b.collapsed.gz": text,
					"c.collapsed.gz": packed(t)[wallFile][:200], "d.collapsed.gz": damaged(packed(t)[wallFile]),
				})
			require.NoError(t, err)
			require.Len(t, b.Profiles, 1)
			require.Len(t, warnings, 1)
			require.Contains(t, warnings[0], want)
		})
	}
}

// damaged changes the checksum at the end of a compressed file.
func damaged(content []byte) []byte {
	content = bytes.Clone(content)
	content[len(content)-8] ^= 1
	return content
}

// TestNoWayOut: links that lead out of the directory are not followed, and a pipe is not waited for.
func TestNoWayOut(t *testing.T) {
	outside := filepath.Join(t.TempDir(), "secret.collapsed")
	require.NoError(t, os.WriteFile(outside, []byte("secret;frame 1\n"), 0o600))
	dir := t.TempDir()
	require.NoError(t, os.Symlink(outside, filepath.Join(dir, "link.collapsed")))
	require.NoError(t, os.Symlink(filepath.Dir(outside), filepath.Join(dir, "out")))
	require.NoError(t, os.Symlink("loop.collapsed", filepath.Join(dir, "loop.collapsed")))
	require.NoError(t, os.Symlink("in.collapsed", filepath.Join(dir, "alias.collapsed")))
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "pipe.collapsed"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "in.collapsed"), []byte("a 1\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, bundlefile.Name), []byte(`{"profiles": ["link.collapsed",
		"out/secret.collapsed", "loop.collapsed", "pipe.collapsed", "alias.collapsed"]}`), 0o600))
	b, warnings, err := bundlefile.Read(dir)
	require.NoError(t, err)
	require.Len(t, b.Profiles, 1, "a link within the directory is followed")
	require.Len(t, warnings, 4)
	require.Contains(t, warnings[0], "path escapes from parent (it must be a file in the bundle's directory)")
	require.Contains(t, warnings[3], "pipe.collapsed is not a file")
}

// TestProfilesTogetherAreBounded: four of the largest are read, and then nothing more.
func TestProfilesTogetherAreBounded(t *testing.T) {
	const large = "large.collapsed.gz" // of zeros, which are not gzip
	dir := filepath.Join(t.TempDir(), "bundle")
	files := bundlefile.Files{
		bundlefile.Name: []byte(`{"profiles": [` + strings.Repeat(`"`+large+`", `, 4) + `"a.collapsed"]}`),
		large:           nil, "a.collapsed": []byte("a;b 1\n"),
	}
	require.NoError(t, files.Write(dir))
	require.NoError(t, os.Truncate(filepath.Join(dir, large), 64<<20))
	_, _, err := bundlefile.Read(dir)
	require.Error(t, err)
	require.Equal(t, 4, strings.Count(err.Error(), "gzip: invalid header"), err.Error())
	require.ErrorContains(t, err, "a.collapsed has 6 bytes, more than 0")
}
