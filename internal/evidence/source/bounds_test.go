package source

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// TestFilesAreReadToTheirBound: one of exactly that size, and none that is larger.
func TestFilesAreReadToTheirBound(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{
		"a": strings.Repeat("x", maxFile), "b": strings.Repeat("x", maxFile+1),
	})
	root, err := Root{Dir: dir}.open()
	require.NoError(t, err)
	defer root.Close()
	text, err := root.read("a")
	require.NoError(t, err)
	require.Len(t, text, maxFile)
	_, err = root.read("b")
	require.ErrorIs(t, err, errTooLarge)
	require.EqualError(t, errTooLarge, "it has more than 1048576 bytes")
}

// excerptOf is the excerpt of the only method run in a file of Java.
func excerptOf(t *testing.T, text string) string {
	t.Helper()
	c := newCode([]byte(text), java)
	found := c.methods(target{types: []string{"A"}, method: "run"})
	require.Len(t, found, 1)
	return c.excerpt(found[0].span)
}

// TestExcerptsAreCut at eighty lines, and lines at two hundred characters.
func TestExcerptsAreCut(t *testing.T) {
	method := func(lines int) string {
		return "class A {\n  void run() {\n" + strings.Repeat("    x();\n", lines-2) + "  }\n}\n"
	}
	eighty := excerptOf(t, method(80))
	require.Equal(t, 79, strings.Count(eighty, "\n"))
	require.NotContains(t, eighty, "more lines")
	require.True(t, strings.HasPrefix(eighty, "void run() {\n  x();"), eighty)
	more := excerptOf(t, method(81))
	require.Equal(t, 80, strings.Count(more, "\n"))
	require.True(t, strings.HasSuffix(more, "\n// … 1 more lines"), more)
	require.True(t, strings.HasSuffix(excerptOf(t, method(100)), "\n// … 20 more lines"))
	line := func(n int) string {
		return strings.Split(excerptOf(t, "class A {\nvoid run() {\n"+strings.Repeat("y", n)+"\n}\n}"), "\n")[1]
	}
	require.Equal(t, strings.Repeat("y", 200), line(200))
	require.Equal(t, strings.Repeat("y", 199)+"…", line(201))
	large := excerptOf(t, "class A {\nvoid run() {\n"+strings.Repeat("z\n", mostBytes)+"}\n}")
	require.Contains(t, large, "more lines")
}

// TestOtherCodeOnTheLineIsLeftOut, also a single brace; an indentation is not code.
func TestOtherCodeOnTheLineIsLeftOut(t *testing.T) {
	require.Equal(t, "void run() { x(); }", excerptOf(t, "class A\n{void run() { x(); }\n}"))
	require.Equal(t, "void run() { x(); }", excerptOf(t, "class A { int i; void run() { x(); } }"))
	require.Equal(t, "void run() {\n    x();\n}", excerptOf(t, "class A {\n\tvoid run() {\n\t\tx();\n\t}\n}"))
	require.Equal(t, "void run() {\nx();\n  y();\n}", excerptOf(t, "class A {\n  void run() {\n x();\n    y();\n  }\n}"))
}

// TestSecretsOfStatements: a literal is masked if its statement is about a secret and it is not.
func TestSecretsOfStatements(t *testing.T) {
	for line, want := range map[string]string{
		`password = "hunter";`:        `password = "[redacted]";`,
		`x = "hunter"; y = password;`: `x = "hunter"; y = password;`,
		`put("token", "abc");`:        `put("token", "[redacted]");`,
		`password = "";`:              `password = "";`,
		`password = "a";`:             `password = "a";`,
		`password = "ab";`:            `password = "[redacted]";`,
		`f("hunter") + g("x y");`:     `f("hunter") + g("x y");`,
		`password = 'x';`:             `password = 'x';`,
	} {
		c := newCode([]byte(line), java)
		require.Equal(t, want, c.withoutSecrets(span{0, len(line)}), line)
	}
	block := excerptOf(t, "class A { void run() {\npassword = \"\"\"\nhunter\"\"\";\n} }")
	require.NotContains(t, block, "hunter")
	require.Contains(t, block, `"""[redacted]"""`)
}

// TestAParenthesisWithoutItsEnd declares nothing, even if blanks begin the file.
func TestAParenthesisWithoutItsEnd(t *testing.T) {
	c := newCode([]byte("  { class A { void run( } } }"), java)
	require.Empty(t, c.methods(target{types: []string{"A"}, method: "run"}))
}

// TestSearchesAreBounded: three methods of a frame, eight excerpts, a hundred frames.
func TestSearchesAreBounded(t *testing.T) {
	files := map[string]string{"A.java": "class A {" + strings.Repeat(" void run() { }\n", 5) + "}"}
	var frames []string
	for i := range 120 {
		files[fmt.Sprintf("B%d.java", i)] = fmt.Sprintf("class B%d { void run() { } }", i)
		frames = append(frames, fmt.Sprintf("B%d.run", i))
	}
	dir := write(t, t.TempDir(), files)
	found, _ := find1(t, Root{Dir: dir}, "A.run")
	require.Len(t, found, 3)
	found, _ = find1(t, Root{Dir: dir}, frames...)
	require.Len(t, found, 8)
	require.Equal(t, "B7.run", found[7].Frame)
	found, _ = find1(t, Root{Dir: dir}, append([]string{"A.run"}, frames...)...)
	require.Len(t, found, 8)
	require.Equal(t, "B4.run", found[7].Frame)
	missing := make([]string, 99)
	for i := range missing {
		missing[i] = fmt.Sprintf("C%d.run", i)
	}
	found, _ = find1(t, Root{Dir: dir}, append(missing, "A.run")...)
	require.Len(t, found, 3, "the hundredth is looked for")
	found, _ = find1(t, Root{Dir: dir}, append(append(missing, "C.run"), "A.run")...)
	require.Empty(t, found, "the next one is not")
}

// TestListingIsBounded: as many entries, sources and bytes as the bounds are read, and no more.
func TestListingIsBounded(t *testing.T) {
	dir := write(t, t.TempDir(), map[string]string{
		"a/One.kt": "class Other1 { fun run() = 1 }", "a/Two.kt": "class Other2 { fun run() = 1 }", "a/x.txt": "",
	})
	index := func(bounds limits) (*index, error) {
		root, err := Root{Dir: dir}.open()
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, root.Close()) })
		return newIndex(t.Context(), Root{Dir: dir}, root, bounds)
	}
	x, err := index(limits{entries: 5, sources: 2, scanned: 30}) // the directory itself, a, and three files
	require.NoError(t, err)
	require.Len(t, x.sources, 2)
	x.scan(t.Context())
	require.True(t, x.complete, "it ends when more than the bound was read")
	require.Len(t, x.declared, 4)
	_, err = index(limits{entries: 4, sources: 2})
	require.ErrorContains(t, err, "it has more than 4 files and directories")
	x, err = index(limits{entries: 5, sources: 1})
	require.ErrorContains(t, err, "it has more than 1 sources")
	require.Len(t, x.sources, 1)
	x, err = index(limits{entries: 5, sources: 2, scanned: 29})
	require.NoError(t, err)
	x.scan(t.Context())
	require.False(t, x.complete)
	ended, end := context.WithCancel(t.Context())
	end()
	x, err = index(limits{entries: 5, sources: 2, scanned: 30})
	require.NoError(t, err)
	x.scan(ended)
	require.False(t, x.complete)
	require.Equal(t, limits{entries: 200_000, sources: 40_000, scanned: 64 << 20, time: defaultLimits.time}, defaultLimits)
	require.Equal(t, 5*time.Second, defaultLimits.time)
}

// TestPlacesAreOrdered: files of the job before those of tests, short paths before long ones.
func TestPlacesAreOrdered(t *testing.T) {
	require.Negative(t, byPlace("src/main/A.java", "test/A.java"))
	require.Positive(t, byPlace("a/test/A.java", "b/very/long/path/A.java"))
	require.Negative(t, byPlace("a/A.java", "a/b/A.java"))
	require.Negative(t, byPlace("a/A.java", "b/A.java"))
	require.Zero(t, byPlace("a", "a"))
	for dir, want := range map[string]bool{"com/acme": true, "src/com/acme": true, "xcom/acme": false, "com": false, ".": false} {
		require.Equal(t, want, isIn(dir, "com/acme"), dir)
	}
	require.True(t, isIn("x", ""))
	require.True(t, isAside(".git"))
	require.True(t, isAside("a/.idea"))
	require.True(t, isAside("a/node_modules"))
	require.False(t, isAside("."))
	require.False(t, isAside("a/src"))
}

// TestExcerptsAreAddedOnce: a lambda and its method are one place.
func TestExcerptsAreAddedOnce(t *testing.T) {
	a, b := evidence.Source{File: "a", Line: 1}, evidence.Source{File: "a", Line: 2}
	c := evidence.Source{File: "b", Line: 1}
	require.Equal(t, []evidence.Source{a, b, c}, addNew([]evidence.Source{a}, []evidence.Source{a, b, c, b}))
}

// TestPlacesOfAName: where it stands alone, also as the first and the last of the text.
func TestPlacesOfAName(t *testing.T) {
	c := newCode([]byte("run rerun run2 (run) run"), java)
	all := span{0, len(c.masked)}
	require.Equal(t, []int{0, 16, 21}, c.names(all, "run"))
	require.Equal(t, []int{16}, c.names(span{15, 21}, "run"))
	require.Equal(t, []int{16}, c.names(span{16, 19}, "run"))
	require.Empty(t, c.names(span{16, 18}, "run"))
	require.Empty(t, c.names(all, ""))
	require.Empty(t, c.names(all, "walk"))
}

// TestHeadersOfTypesAreBounded: 2000 bytes after the name, with the brace.
func TestHeadersOfTypesAreBounded(t *testing.T) {
	bodies := func(blanks int) []span {
		c := newCode([]byte("class Long"+strings.Repeat(" ", blanks)+"{ }"), java)
		return c.bodies(span{0, len(c.masked)}, "Long")
	}
	require.Len(t, bodies(1999), 1)
	require.Empty(t, bodies(2000))
}
