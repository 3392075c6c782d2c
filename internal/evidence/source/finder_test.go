package source

import (
	"archive/zip"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

const jobJava = "package com.acme;\n\nclass Job {\n    void run() {\n        call();\n    }\n}\n"

// write makes files below a directory.
func write(t *testing.T, dir string, files map[string]string) string {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	return dir
}

// find returns what is found in one root.
func find1(t *testing.T, root Root, frames ...string) ([]evidence.Source, []string) {
	t.Helper()
	return New([]Root{root}).Find(t.Context(), frames)
}

func TestADirectory(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{
		"app/src/main/java/com/acme/Job.java": jobJava,
		"app/src/test/java/com/acme/Job.java": "package com.acme; class Job { void run() { test(); } }",
		"other/org/acme/Job.java":             "package org.acme; class Job { void run() { other(); } }",
		"s/Models.scala":                      "package com.acme\n\nobject Rates {\n  def of(x: Int) = x\n}\n",
		"k/All.kt":                            "package com.acme\nclass Any { fun go() = 1 }\nfun top() = 2\n",
	})
	found, warnings := find1(t, Root{Dir: dir},
		"java/lang/Thread.run", "com/acme/Job.run", "com/acme/Job.lambda$run$0", "com/acme/Any.go", "com/acme/AllKt.top", "com/acme/Rates$.of",
		"com/acme/Job.missing", "com/acme/Missing.run")
	require.Empty(t, warnings)
	require.Equal(t, []evidence.Source{
		{
			Frame: "com.acme.Job.run", File: "app/src/main/java/com/acme/Job.java", Line: 4,
			Code: "void run() {\n    call();\n}",
		},
		{Frame: "com.acme.Any.go", File: "k/All.kt", Line: 2, Code: "fun go() = 1"},
		{Frame: "com.acme.AllKt.top", File: "k/All.kt", Line: 3, Code: "fun top() = 2"},
		{Frame: "com.acme.Rates$.of", File: "s/Models.scala", Line: 4, Code: "def of(x: Int) = x"},
	}, found)
}

func TestAJar(t *testing.T) {
	name := filepath.Join(t.TempDir(), "job-sources.jar")
	file, err := os.Create(name)
	require.NoError(t, err)
	jar := zip.NewWriter(file)
	for entry, text := range map[string]string{
		"com/acme/Job.java":  jobJava,
		"com/acme/Bomb.java": "package com.acme; class Bomb { void run() { } }" + strings.Repeat(" ", maxFile),
	} {
		w, err := jar.Create(entry)
		require.NoError(t, err)
		_, err = w.Write([]byte(text))
		require.NoError(t, err)
	}
	require.NoError(t, jar.Close())
	require.NoError(t, file.Close())
	found, warnings := find1(t, Root{Jar: name}, "com/acme/Bomb.run", "com/acme/Job.run")
	require.Empty(t, warnings)
	require.Len(t, found, 1)
	require.Equal(t, "com/acme/Job.java:4", fmt.Sprintf("%s:%d", found[0].File, found[0].Line))
}

// TestTheFirstRootWins: the others are searched for what it does not have.
func TestTheFirstRootWins(t *testing.T) {
	first := write(t, t.TempDir(), map[string]string{"com/acme/Job.java": jobJava})
	second := write(t, t.TempDir(), map[string]string{
		"x/com/acme/Job.java": jobJava, "com/acme/More.java": "package com.acme; class More { int run() { return 1; } }",
	})
	found, warnings := New([]Root{{Dir: first}, {Dir: second}}).Find(t.Context(),
		[]string{"com.acme.More.run", "com.acme.Job.run"})
	require.Empty(t, warnings)
	require.Len(t, found, 2)
	require.Equal(t, []string{"com/acme/More.java", "com/acme/Job.java"}, []string{found[0].File, found[1].File})
}

// TestNoWayOut: links are not followed, whether they lead out or in circles.
func TestNoWayOut(t *testing.T) {
	outside := write(t, t.TempDir(), map[string]string{"com/acme/Secret.java": "class Secret { void run() { } }"})
	dir := write(t, t.TempDir(), map[string]string{"com/acme/Job.java": jobJava})
	for link, to := range map[string]string{
		"com/acme/Secret.java": filepath.Join(outside, "com/acme/Secret.java"), "out": outside, "loop": dir, "self": "self",
		"com/acme/up": "..",
	} {
		require.NoError(t, os.Symlink(to, filepath.Join(dir, link)))
	}
	found, warnings := find1(t, Root{Dir: dir}, "com/acme/Secret.run", "com/acme/Job.run")
	require.Empty(t, warnings)
	require.Len(t, found, 1)
	require.Equal(t, "com.acme.Job.run", found[0].Frame)
}

// TestWrongRoots: one line each, and the good root is searched.
func TestWrongRoots(t *testing.T) {
	good := write(t, t.TempDir(), map[string]string{"com/acme/Job.java": jobJava})
	file := filepath.Join(good, "com/acme/Job.java")
	for want, root := range map[string]Root{
		"/none: no such file or directory (correct advisor.source)":    {Dir: filepath.Join(good, "none")},
		"not a directory (correct advisor.source)":                     {Dir: file},
		"not a valid zip file (correct advisor.source)":                {Jar: file},
		"it is not a file (correct advisor.source)":                    {Jar: good},
		"it is not a git directory (name the directory of a clone, or": {Git: good},
		"has no file that ends in .java, .kt or .scala (correct":       {Dir: t.TempDir()},
	} {
		found, warnings := New([]Root{root, {Dir: good}}).Find(t.Context(), []string{"com/acme/Job.run"})
		require.Len(t, found, 1)
		require.Len(t, warnings, 1)
		require.Contains(t, warnings[0], want)
	}
}

// TestLargeRoots: each bound ends the work with one line, and what was seen is used.
func TestLargeRoots(t *testing.T) {
	files := map[string]string{"a/com/acme/Job.java": jobJava}
	for i := range 50 {
		files[fmt.Sprintf("b%02d/File%d.java", i, i)] = "class X { }"
	}
	dir := write(t, t.TempDir(), files)
	for want, bounds := range map[string]limits{
		"only: it has more than 20 files and directories (name the directory": {20, 100, 1000, time.Minute},
		"only: it has more than 10 sources (name the directory of the job's":  {1000, 10, 1000, time.Minute},
		"not all files of " + dir + " were read (name the directory of the":   {1000, 100, 100, time.Minute},
	} {
		f := New([]Root{{Dir: dir}})
		f.limits = bounds
		found, warnings := f.Find(t.Context(), []string{"com/acme/Missing.run", "com/acme/Job.run"})
		require.Len(t, found, 1)
		require.Len(t, warnings, 1, want)
		require.Contains(t, warnings[0], want)
	}
	f := New([]Root{{Dir: dir}})
	f.limits.time = time.Nanosecond
	_, warnings := f.Find(t.Context(), []string{"com/acme/Job.run"})
	require.Contains(t, warnings[0], "listing its files takes longer than 1ns (name the directory")
}

func TestFewExcerpts(t *testing.T) {
	var many, frames []string
	for i := range 30 {
		many = append(many, fmt.Sprintf("void m%d() { }\nvoid over(int%d x) { }\nvoid long%d() {\n%s}", i, i, i,
			strings.Repeat("x();\n", 200)))
		frames = append(frames, fmt.Sprintf("com.acme.Job.m%d", i))
	}
	dir := write(t, t.TempDir(), map[string]string{
		"com/acme/Job.java": "package com.acme; class Job {\n" + strings.Join(many, "\n") + "\n}",
	})
	found, _ := find1(t, Root{Dir: dir}, frames...)
	require.Len(t, found, mostExcerpts)
	found, _ = find1(t, Root{Dir: dir}, "com.acme.Job.over")
	require.Len(t, found, mostMethods)
	found, _ = find1(t, Root{Dir: dir}, "com.acme.Job.long3")
	require.Equal(t, mostLines+1, strings.Count(found[0].Code, "\n")+1)
	require.True(t, strings.HasSuffix(found[0].Code, "\n// … 122 more lines"), found[0].Code)
}

// TestSecretsInCode: what looks like a secret, and what is passed as one.
func TestSecretsInCode(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{"com/acme/Job.java": `package com.acme;
class Job {
    void run() {
        props.put("sasl.jaas.config",
            "module required username=\"me\" password=\"Hunter2a\";");
        client.basicAuth("elastic", "Hunter2b");
        String password = "Hunter2c";
        String url = "jdbc:postgresql://flink:Hunter2d@db/orders"; // token=Hunter2e
        s.replaceAll("\\s+", " ").split(";"); char c = '"'; /* ghp_16C7e42F292c6912E7710c838347Ae178B4a */
        key("""
            -----BEGIN PRIVATE KEY-----
            Hunter2f
            -----END PRIVATE KEY-----
            """);
    }
}
`})
	found, _ := find1(t, Root{Dir: dir}, "com/acme/Job.run")
	require.Len(t, found, 1)
	code := found[0].Code
	require.NotContains(t, code, "Hunter2")
	require.NotContains(t, code, "16C7e42F292c6912E7710c838347Ae178B4a")
	require.Contains(t, code, `"sasl.jaas.config"`)
	require.Contains(t, code, `s.replaceAll("\\s+", " ").split(";")`, "other literals stay")
	require.Contains(t, code, `String password = "[redacted]";`)
}

func TestMarksThatHideCodeAreRemoved(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{
		"com/acme/Job.java": "package com.acme; class Job {\n\tvoid run() {\r\n\t\ta\u202e();\x1b[2J\u200b\n\t}\n}",
	})
	found, _ := find1(t, Root{Dir: dir}, "com/acme/Job.run")
	require.Equal(t, "void run() {\n    a();[2J\n}", found[0].Code)
}
