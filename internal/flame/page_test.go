package flame

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	oldHead = "<!DOCTYPE html>\n<html lang='en'>\n<h1>CPU profile</h1>\n<script>\n" +
		"\tvar reverse = false;\n\tfunction f(level, left, width, type, title) {\n\t}\n\n"
	oldFoot = "\n\nsearch();\n</script></body></html>\n"
	newHead = "<!DOCTYPE html>\n<html lang='en'>\n<h1>Wall clock profile</h1>\n<script>\n" +
		"\tlet inverted = false;\n\tfunction f(key, level, left, width, inln, c1, int) {\n\t}\n\nconst cpool = [\n"
)

// oldPage is a page of the dialect up to 2.9.
func oldPage(frames ...string) string { return oldHead + strings.Join(frames, "\n") + oldFoot }

// newPage is a page of the dialect from 3.0 on with the names a, ab, ab/c and d.
func newPage(frames ...string) string {
	return newPageOf([]string{"all", " a", "!b", "\"/c", " d"}, frames...)
}

func newPageOf(pool []string, frames ...string) string {
	return newHead + "'" + strings.Join(pool, "',\n'") + "'\n];\nunpack(cpool);\n\n" + strings.Join(frames, "\n") +
		oldFoot
}

func TestOldDialect(t *testing.T) {
	page, err := ReadPage(strings.NewReader(oldPage(
		"f(0,0,10,3,'all')",
		"f(1,1,7,1,'a.run',0,2,3)",
		"f(2,2,2,1,'x')",
		"f(3,3,1,4,'y::z(int, char*)')",
		"f(2,4,4,0,'b c')",
		"f(1,8,2,2,'x')",
	)))
	require.NoError(t, err)
	require.Equal(t, "CPU profile", page.Title)
	require.Equal(t, " 1\na.run 1\na.run;b c 4\na.run;x 1\na.run;x;y::z(int, char*) 1\nx 2\n", collapse(t, page.Tree))
}

func TestNewDialect(t *testing.T) {
	page, err := ReadPage(strings.NewReader(newPage(
		"n(3,10)",
		"d=5",
		"u(9,7)",
		"u(17,3,1,0,1)", // a;ab 3
		"u(25)",         // a;ab;ab/c 3
		"f(33,2,3,4)",   // a;d, three samples to the right of ab/c
		"d=U",
		"f(34,1,4,3)", // d, with another type than the frame before
		"f(33,2,1,1)",
		"n(25)",
	)))
	require.NoError(t, err)
	require.Equal(t, "Wall clock profile", page.Title)
	require.Equal(t, "a;ab;ab/c 3\na;d 4\nd 1\nd;ab/c 1\nd;d 1\n", collapse(t, page.Tree))
}

func TestEmptyProfile(t *testing.T) {
	for _, text := range []string{oldPage("f(0,0,0,2,'all')"), newPageOf([]string{"all"}, "n(2)")} {
		page, err := ReadPage(strings.NewReader(text))
		require.NoError(t, err)
		require.Zero(t, page.Tree.Total())
	}
}

// Frames that differ only in type are separate in a page and one frame in the tree.
func TestTypesAreNotPartOfAName(t *testing.T) {
	page, err := ReadPage(strings.NewReader(oldPage(
		"f(0,0,9,3,'all')", "f(1,0,2,2,'byte[]')", "f(2,1,1,3,'new')", "f(1,2,3,3,'int[]')",
		"f(1,5,4,5,'byte[]')", "f(2,5,4,3,'new')")))
	require.NoError(t, err)
	require.Equal(t, "byte[] 1\nbyte[];new 5\nint[] 3\n", collapse(t, page.Tree))
}

// async-profiler sorts siblings by name. The reader also accepts other orders, and merges
// equal siblings.
func TestSiblingsInAnyOrder(t *testing.T) {
	old, err := ReadPage(strings.NewReader(oldPage("f(0,0,9,3,'all')",
		"f(1,2,1,1,'b')", "f(2,2,1,1,'x')", "f(1,3,1,1,'a')", "f(1,4,2,1,'b')", "f(2,4,1,1,'y')",
		"f(2,5,1,1,'x')", "f(1,6,1,1,'a')", "f(1,7,1,1,'c')", "f(1,8,1,1,'b')")))
	require.NoError(t, err)
	require.Equal(t, " 2\na 2\nb 1\nb;x 2\nb;y 1\nc 1\n", collapse(t, old.Tree))
	made, err := ReadPage(strings.NewReader(newPage("n(3,9)",
		"f(17,1,2,1)", "u(33)", "f(9,1,1)", "n(17,2)", "u(9,1)", "n(33)", "f(9,1,1)", "n(25)", "n(17)")))
	require.NoError(t, err)
	require.Equal(t, " 2\na 2\nab 1\nab/c 1\nab;a 1\nab;d 2\n", collapse(t, made.Tree))
}

func TestEscapes(t *testing.T) {
	for title, name := range map[string]string{
		`it\'s`:             `it's`,
		`back\slash`:        `back\slash`,       // the agent up to 2.9
		`back\\slash`:       `back\slash`,       // all other writers
		`quo\\'te`:          `quo\'te`,          // the agent up to 2.9
		`quo\\\'te`:         `quo\'te`,          // all other writers
		`\'`:                `'`,                // at both ends
		`end\`:              `end\`,             // the agent up to 2.9
		`end\\`:             `end\`,             // all other writers
		`a,1,2,3)`:          `a,1,2,3)`,         // not counts
		`a\',1,2,3)`:        `a',1,2,3)`,        // not counts
		`</script><b>`:      `</script><b>`,     // data, not markup
		"na\xc3\xafve":      "naïve",            // UTF-8
		"\xed\xa0\xbd\x00":  "\xed\xa0\xbd\x00", // not UTF-8
		`Lambda.0x1/2.run`:  `Lambda.0x1/2.run`,
		`a.m(Lb;I)`:         `a.m(Lb|I)`,
		`Foo$Bar.<init>`:    `Foo$Bar.<init>`,
		`do_syscall_64_[k]`: `do_syscall_64`,
	} {
		page, err := ReadPage(strings.NewReader(oldPage("f(0,0,2,3,'all')", "f(1,0,2,1,'"+title+"')",
			"f(2,1,1,1,'"+title+"',0,0,1)")))
		require.NoError(t, err, title)
		require.Equal(t, name+" 1\n"+name+";"+name+" 1\n", collapse(t, page.Tree))
	}
}

// The number of shared bytes is encoded as a character: 7 is a quote and 60 a backslash.
// Both are escaped.
func TestPrefixesAreCountedAfterUnescaping(t *testing.T) {
	sixty := strings.Repeat("x", 60)
	page, err := ReadPage(strings.NewReader(newPageOf(
		[]string{"all", ` ` + sixty, `\\\'s`, `\\\\o`, `\'z`, "%\xc3\xae", "&\xaf"},
		"n(3,6)", "u(8,1)", "n(16)", "n(24)", "n(32)", "n(40)", "n(48)")))
	require.NoError(t, err)
	require.Equal(t, []string{sixty, sixty + "'s", sixty + `\o`, "xxxxxxxz", "xxxxx\xc3\xae", "xxxxx\xc3\xaf"},
		names(page.Tree))
}

func names(t *Tree) []string {
	var all []string
	for _, frame := range t.Frames() {
		all = append(all, frame.Name)
	}
	return all
}

// async-profiler 2.9 writes a frame through a buffer of 4,094 bytes. It loses the end of a
// longer line, including the newline.
func TestLinesThatAsyncProfilerCut(t *testing.T) {
	begin := "f(1,3,5,1,'odd."
	long := begin + strings.Repeat("x", 4094-len(begin))
	name := long[len(begin)-len("odd."):]
	nested := strings.Replace(long, "f(1", "f(2", 1)

	glued, err := ReadPage(strings.NewReader(oldPage("f(0,0,9,3,'all')", long+nested+"f(3,6,2,1,'y')",
		"f(1,8,1,1,'z')")))
	require.NoError(t, err)
	require.Equal(t, " 3\n"+name+";"+name+" 3\n"+name+";"+name+";y 2\nz 1\n", collapse(t, glued.Tree))

	last, err := ReadPage(strings.NewReader(oldPage("f(0,0,8,3,'all')", long)))
	require.NoError(t, err)
	require.Equal(t, " 3\n"+name+" 5\n", collapse(t, last.Tree))

	whole := begin + strings.Repeat("x", 9000) + "')"
	uncut, err := ReadPage(strings.NewReader(oldPage("f(0,0,8,3,'all')", whole)))
	require.NoError(t, err)
	require.Len(t, uncut.Tree.Frames()[0].Name, len("odd.")+9000)
}

// reference reads the old dialect in a slow and simple way: with a regular expression and
// without checks.
func reference(text []byte) map[string]int64 {
	frame := regexp.MustCompile(`(?m)^f\((\d+),\d+,(\d+),\d+,'(.*)'(?:,\d+,\d+,\d+)?\)$`)
	var stack []string
	self := map[string]int64{}
	for _, match := range frame.FindAllSubmatch(text, -1) {
		level, _ := strconv.Atoi(string(match[1]))
		width, _ := strconv.ParseInt(string(match[2]), 10, 64)
		if level > 0 {
			self[strings.Join(stack[:level], ";")] -= width
		}
		stack = append(stack[:level], strings.ReplaceAll(string(match[3]), `\'`, `'`))
		self[strings.Join(stack, ";")] += width
	}
	return self
}

func TestPagesOfFlink(t *testing.T) {
	for file, want := range map[string]struct {
		mode   Mode
		total  int64
		stacks int
		top    Frame
	}{
		"flink-1.20.5-tm-ITIMER.html": {
			ITIMER, 545, 359,
			Frame{
				"/opt/flink/tmp/tm_tm1/tmp/rocksdb-lib-7e9c3da78c14cab5b0361ea53383ad48/librocksdbjni-linux64.so",
				46, 87,
			},
		},
		"flink-2.3.0-jm-ITIMER.html": {
			ITIMER, 22, 20,
			Frame{"org/apache/pekko/actor/LightArrayRevolverScheduler$$anon$3.nextTick", 3, 7},
		},
		"flink-2.3.0-tm-ALLOC.html":  {Alloc, 1187, 462, Frame{"byte[]", 596, 596}},
		"flink-2.3.0-tm-CPU.html":    {CPU, 420, 364, Frame{"finish_task_switch.isra.0", 33, 33}},
		"flink-2.3.0-tm-ITIMER.html": {ITIMER, 327, 302, Frame{"__futex_abstimed_wait_common", 5, 5}},
		"flink-2.3.0-tm-LOCK.html": {
			Lock, 724, 9,
			Frame{"java.util.concurrent.locks.ReentrantLock$NonfairSync", 489, 489},
		},
		"flink-2.3.0-tm-WALL.html": {Wall, 20314, 225, Frame{"__futex_abstimed_wait_common", 16875, 16875}},
	} {
		t.Run(file, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata/flink", file))
			require.NoError(t, err)
			page, err := ReadPage(bytes.NewReader(text))
			require.NoError(t, err)
			require.Equal(t, want.mode, ModeOf(page.Title, file))
			require.Equal(t, want.total, page.Tree.Total())
			require.Equal(t, want.top, page.Tree.Top(1)[0])

			var sum int64
			stacks := map[string]int64{}
			for line := range strings.Lines(collapse(t, page.Tree)) {
				space := strings.LastIndexByte(line, ' ')
				count, err := strconv.ParseInt(strings.TrimSpace(line[space:]), 10, 64)
				require.NoError(t, err)
				stacks["all;"+line[:space]] = count
				sum += count
			}
			require.Equal(t, want.total, sum)
			require.Len(t, stacks, want.stacks)
			for stack, self := range reference(text) {
				require.Equal(t, self, stacks[stack], stack)
			}
		})
	}
}

// A page that is cut at any byte is refused, with the reason.
func TestEveryCutIsNoticed(t *testing.T) {
	for _, text := range []string{
		oldPage("f(0,0,3,3,'all')", "f(1,0,2,1,'it\\'s')", "f(1,2,1,1,'b',0,0,1)"),
		newPage("n(3,10)", "u(9,7)", "f(33,1,7,2)", "n(17,1)"),
	} {
		_, err := ReadPage(strings.NewReader(text))
		require.NoError(t, err)
		_, err = ReadPage(strings.NewReader(strings.TrimSuffix(text, "\n")))
		require.NoError(t, err, "only the last newline is missing")
		for at := range len(text) - 1 {
			_, err := ReadPage(strings.NewReader(text[:at]))
			kind := ErrCutOff
			if at <= strings.Index(text, "function f(")+len("function f") {
				kind = ErrNotFlameGraph
			}
			require.ErrorIs(t, err, kind, "cut after %d bytes: …%s", at, text[max(0, at-20):at])
		}
	}
}

func TestPagesRefused(t *testing.T) {
	const (
		malformed = ": malformed (take the profile again)"
		overlap   = "a frame that extends beyond its parent or overlaps its sibling" + malformed
	)
	root := "f(0,0,10,3,'all')"
	for name, test := range map[string]struct {
		text, message string
		kind          error
	}{
		"empty": {"", "line 1: no frames: not a flame graph of async-profiler " +
			"(give the HTML file that the profiler wrote)", ErrNotFlameGraph},
		"another page": {"<html>\n</html>\n", "line 3: no frames: not a flame graph of async-profiler " +
			"(give the HTML file that the profiler wrote)", ErrNotFlameGraph},
		"reversed": {strings.Replace(oldPage(root), "false", "true", 1), "line 5: stacks may run from the " +
			"leaf to the root: a reversed or inverted graph (take it without these options)", ErrReversed},
		"inverted": {strings.Replace(newPage("n(3,1)"), "false", "true", 1), "line 5: stacks may run from " +
			"the leaf to the root: a reversed or inverted graph (take it without these options)", ErrReversed},
		"no root": {
			oldPage("f(1,0,10,3,'a')"), "line 9: the first frame is at level 1" + malformed,
			ErrMalformed,
		},
		"two roots": {
			oldPage(root, "f(0,10,1,3,'all')"),
			"line 10: a frame at level 0 after one at level 0" + malformed, ErrMalformed,
		},
		"level skipped": {
			oldPage(root, "f(2,0,1,3,'a')"),
			"line 10: a frame at level 2 after one at level 0" + malformed, ErrMalformed,
		},
		"too wide":       {oldPage(root, "f(1,0,11,3,'a')"), "line 10: " + overlap, ErrMalformed},
		"too far right":  {oldPage(root, "f(1,11,0,3,'a')"), "line 10: " + overlap, ErrMalformed},
		"over a sibling": {oldPage(root, "f(1,0,5,3,'a')", "f(1,4,5,3,'b')"), "line 11: " + overlap, ErrMalformed},
		"left of parent": {oldPage(root, "f(1,2,5,3,'a')", "f(2,1,5,3,'b')"), "line 11: " + overlap, ErrMalformed},
		"negative":       {oldPage(root, "f(1,0,-5,3,'a')"), "line 10: not a frame" + malformed, ErrMalformed},
		"too many digits": {
			oldPage(root, "f(1,0,1234567890123456789,3,'a')"), "line 10: not a frame" + malformed,
			ErrMalformed,
		},
		"no title": {oldPage(root, "f(1,0,5,3)"), "line 10: not a frame" + malformed, ErrMalformed},
		"bare quote": {
			oldPage(root, "f(1,0,5,3,'it's')"),
			"line 10: the name of a frame has no end" + malformed, ErrMalformed,
		},
		"glued": {
			oldPage(root, "f(1,0,5,3,'af(1,5,5,3,'b')"),
			"line 10: the name of a frame has no end" + malformed, ErrMalformed,
		},
		"two counts": {
			oldPage(root, "f(1,0,5,3,'a',1,2)"),
			"line 10: the name of a frame has no end" + malformed, ErrMalformed,
		},
		"empty counts": {
			oldPage(root, "f(1,0,5,3,'a',,,)"),
			"line 10: the name of a frame has no end" + malformed, ErrMalformed,
		},
		"nameless": {
			oldPage(root, "f(1,0,5,3,'')"), "line 10: a frame without a name" + malformed,
			ErrMalformed,
		},
		"nameless entry": {
			newPageOf([]string{"all", " "}, "n(3,1)"), "line 11: a frame without a name" + malformed,
			ErrMalformed,
		},
		"garbled frame": {
			oldPage(root, "g(1,0,5,3,'a')"),
			"line 10: neither a frame nor the end of the page" + malformed, ErrMalformed,
		},
		"frame after end": {
			oldPage(root) + "f(1,0,5,3,'a')\n",
			"line 13: neither a frame nor the end of the page" + malformed, ErrMalformed,
		},
		"frames resumed": {
			oldPage(root, "", "f(1,0,5,3,'a')"),
			"line 11: neither a frame nor the end of the page" + malformed, ErrMalformed,
		},
		"two pages": {
			oldPage(root) + oldPage(root),
			"line 13: neither a frame nor the end of the page" + malformed, ErrMalformed,
		},
		"unquoted entry": {
			newPageOf([]string{"all", " a', 'b"}, "n(3,1)"),
			"line 11: not a name of the pool" + malformed, ErrMalformed,
		},
		"long prefix": {
			newPageOf([]string{"all", "$b"}, "n(3,1)"),
			"line 11: a name that shares more bytes with the previous name than that name has" + malformed, ErrMalformed,
		},
		"no prefix": {
			newPageOf([]string{"all", "\tb"}, "n(3,1)"),
			"line 11: a name that shares more bytes with the previous name than that name has" + malformed, ErrMalformed,
		},
		"beyond the pool": {
			newPage("n(3,1)", "u(40)"),
			"line 19: a frame with name 5, but the pool has 5 names" + malformed, ErrMalformed,
		},
		"no root yet": {newPage("u(9,1)"), "line 18: the first frame is at level 1" + malformed, ErrMalformed},
		"second root": {
			newPage("n(3,1)", "n(3,1)"),
			"line 19: a frame at level 0 after one at level 0" + malformed, ErrMalformed,
		},
		"two numbers":   {newPage("n(3,1)", "f(9,1)"), "line 19: not a frame" + malformed, ErrMalformed},
		"three numbers": {newPage("n(3,1)", "u(9,1,1)"), "line 19: not a frame" + malformed, ErrMalformed},
		"eight numbers": {newPage("n(3,1)", "f(9,1,0,1,0,0,0,0)"), "line 19: not a frame" + malformed, ErrMalformed},
		"open":          {newPage("n(3,1)", "u(9,1"), "line 19: not a frame" + malformed, ErrMalformed},
		"old in new":    {newPage("n(3,1)", "f(1,0,1,1,'a')"), "line 19: not a frame" + malformed, ErrMalformed},
		"new in old": {
			oldPage(root, "u(9,1)"), "line 10: neither a frame nor the end of the page" + malformed,
			ErrMalformed,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadPage(strings.NewReader(test.text))
			require.EqualError(t, err, test.message)
			require.ErrorIs(t, err, test.kind)
		})
	}
}

func TestLimits(t *testing.T) {
	small := limits{bytes: 100 << 10, line: 70 << 10, depth: 3, frames: 5, names: 6, nameBytes: 80 << 10}
	root := "f(0,0,10,3,'all')"
	long := strings.Repeat("x", 69<<10)
	for name, test := range map[string]struct{ text, message string }{
		"bytes": {oldPage(root) + strings.Repeat("\n", 100<<10), "more than 0 MiB"},
		"line": {
			oldPage(root, "f(1,0,1,1,'"+strings.Repeat("x", 71<<10)+"')"),
			"line 10: a line of more than 70 KiB",
		},
		"depth": {oldPage(root, "f(1,0,9,1,'a')", "f(2,0,9,1,'a')", "f(3,0,9,1,'a')",
			"f(4,0,9,1,'a')"), "line 13: more than 3 frames on a stack"},
		"frames": {oldPage(root, "f(1,0,1,1,'a')", "f(1,1,1,1,'b')", "f(1,2,1,1,'c')", "f(1,3,1,1,'d')",
			"f(1,4,1,1,'e')"), "line 14: more than 4 frames"},
		"pool": {newPageOf([]string{
			"all", " a", " b", " c", " d", " e",
			" f",
		}, "n(3,1)"), "line 16: more than 6 names"},
		"equal pool": {newPageOf([]string{
			"all", " a", " a", " a", " a", " a",
			" a",
		}, "n(3,1)"), "line 16: more than 6 names"},
		"name bytes": {
			newPageOf([]string{"all", " " + long, "\x7fb" + long[:20<<10]}, "n(3,1)"),
			"line 12: more than 0 MiB of names",
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := readPage(strings.NewReader(test.text), small)
			require.ErrorIs(t, err, ErrTooLarge)
			require.ErrorContains(t, err, test.message)
		})
	}

	_, err := readCollapsed(strings.NewReader("a;b;c 1\na;b;c;d 1\n"), small)
	require.EqualError(t, err, "line 2: more than 3 frames on a stack: too large to be read (take a shorter profile)")
}

// The largest page has 64 MiB. async-profiler's deepest stack has 2,048 Java frames. Deeper
// stacks give an error and no panic.
func TestDefaultLimits(t *testing.T) {
	var deep strings.Builder
	for level := range 4096 {
		fmt.Fprintf(&deep, "\nf(%d,0,1,1,'a')", level+1)
	}
	page, err := ReadPage(strings.NewReader(oldPage("f(0,0,1,3,'all')" + deep.String())))
	require.NoError(t, err)
	require.Equal(t, []Frame{{Name: "a", Self: 1, Total: 1}}, page.Tree.Frames())

	_, err = ReadPage(strings.NewReader(oldPage("f(0,0,1,3,'all')" + deep.String() + "\nf(4097,0,1,1,'a')")))
	require.EqualError(t, err, "line 4106: more than 4096 frames on a stack: too large to be read "+
		"(take a shorter profile)")
}
