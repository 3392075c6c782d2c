package flame

import (
	"errors"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

// `$`, `.` and `-` sort before the semicolon, letters after it. So a walk over sorted
// children gives the wrong order.
func TestCollapsedIsSortedByWholeStack(t *testing.T) {
	want := []string{"a", "a$1", "a$1;z", "a-b", "a.b;c", "a;a", "a;x;y", "aa", "aa;b", "b;a"}
	lines := make([]string, len(want))
	for i, stack := range want {
		lines[i] = stack + " 1"
	}
	require.True(t, slices.IsSorted(want))

	slices.Reverse(lines)
	made := tree(t, lines...)
	slices.Reverse(lines)
	require.Equal(t, strings.Join(lines, "\n")+"\n", collapse(t, made))
}

func TestCollapsedLeavesOutFramesWithoutSelfSamples(t *testing.T) {
	require.Equal(t, "a;b;c 9223372036854775\n", collapse(t, tree(t, "a;b;c 9223372036854775", "a;b 0")))
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestWriteCollapsedReturnsTheWritersError(t *testing.T) {
	full := errors.New("no space left on device")
	require.ErrorIs(t, tree(t, "a 1").WriteCollapsed(failingWriter{full}), full)
}

func TestReadCollapsed(t *testing.T) {
	made := tree(t, "java/lang/Thread.run_[j];byte[]_[k] 3", "operator new(unsigned long);b c 2",
		"java/lang/Thread.run;byte[] 1", " 7")
	require.Equal(t, " 7\njava/lang/Thread.run;byte[] 4\noperator new(unsigned long);b c 2\n", collapse(t, made))

	windows, err := ReadCollapsed(strings.NewReader("a;b 1\r\na 2\r\n"))
	require.NoError(t, err)
	require.Equal(t, "a 2\na;b 1\n", collapse(t, windows))
}

// Files edited by hand or by a script contain other lines.
func TestReadCollapsedSkipsLinesThatAreNotStacks(t *testing.T) {
	for name, text := range map[string]string{
		"blank line":         "a;b 3\n\nc;d 4\n",
		"line of spaces":     "a;b 3\n \t\nc;d 4\n",
		"blank at the end":   "a;b 3\nc;d 4\n\n",
		"comment":            "# taken on Monday\na;b 3\n#c;d 9\nc;d 4\n",
		"no final newline":   "a;b 3\nc;d 4",
		"mark of UTF-8":      "\xef\xbb\xbfa;b 3\nc;d 4\n",
		"blank, Windows":     "a;b 3\r\n\r\nc;d 4\r\n",
		"comment at the end": "a;b 3\nc;d 4\n# end",
	} {
		made, err := ReadCollapsed(strings.NewReader(text))
		require.NoError(t, err, name)
		require.Equal(t, "a;b 3\nc;d 4\n", collapse(t, made), name)
	}
}

// A name that begins with a number sign must not make its line a comment.
func TestNamesDoNotBeginAComment(t *testing.T) {
	made := New()
	made.Add([]string{"#1", "a"}, 2)
	again, err := ReadCollapsed(strings.NewReader(collapse(t, made)))
	require.NoError(t, err)
	require.Equal(t, "|1;a 2\n", collapse(t, again))
}

func TestOtherEncodingsAreNamed(t *testing.T) {
	utf16 := func(text string) string { // little endian, for ASCII
		var out strings.Builder
		for _, b := range []byte(text) {
			out.Write([]byte{b, 0})
		}
		return out.String()
	}
	for name, test := range map[string]struct{ text, message string }{
		"UTF-16 with mark": {
			"\xff\xfe" + utf16(oldPage("f(0,0,1,3,'all')")),
			"the input is UTF-16: not UTF-8 text (convert it: iconv -f UTF-16 -t UTF-8)",
		},
		"UTF-16 big endian": {
			"\xfe\xff\x00<\x00!",
			"the input is UTF-16: not UTF-8 text (convert it: iconv -f UTF-16 -t UTF-8)",
		},
		"UTF-16 without mark": {
			utf16(oldPage("f(0,0,1,3,'all')")),
			"the input is UTF-16: not UTF-8 text (convert it: iconv -f UTF-16LE -t UTF-8)",
		},
		"UTF-32": {
			"\xff\xfe\x00\x00<\x00\x00\x00",
			"the input is UTF-32: not UTF-8 text (convert it: iconv -f UTF-32 -t UTF-8)",
		},
		"gzip": {
			"\x1f\x8b\x08\x00",
			"the input is compressed with gzip: not UTF-8 text (unpack it with gunzip first)",
		},
		"JFR": {
			"FLR\x00\x00\x02",
			"the input is a JFR recording: not UTF-8 text (convert it with async-profiler's jfrconv first)",
		},
	} {
		_, err := ReadPage(strings.NewReader(test.text))
		require.EqualError(t, err, test.message, name)
		require.ErrorIs(t, err, ErrEncoding)
		_, err = ReadCollapsed(strings.NewReader(test.text))
		require.EqualError(t, err, test.message, name)
	}
}

func TestReadCollapsedRefuses(t *testing.T) {
	for name, test := range map[string]struct {
		text, message string
		kind          error
	}{
		"no count": {
			"a;b 1\na;b\n", "line 2: no count after the stack: malformed (take the profile again)",
			ErrMalformed,
		},
		"count alone": {
			"12\n", "line 1: no count after the stack: malformed (take the profile again)",
			ErrMalformed,
		},
		"negative": {
			"a -1\n", "line 1: no count after the stack: malformed (take the profile again)",
			ErrMalformed,
		},
		"fraction": {
			"a 1.5\n", "line 1: no count after the stack: malformed (take the profile again)",
			ErrMalformed,
		},
		"huge count": {
			"a 1234567890123456789\n",
			"line 1: no count after the stack: malformed (take the profile again)", ErrMalformed,
		},
		"nameless": {
			"a;;b 1\n", "line 1: a frame without a name: malformed (take the profile again)",
			ErrMalformed,
		},
		"only a suffix": {
			"a;_[j] 1\n", "line 1: a frame without a name: malformed (take the profile again)",
			ErrMalformed,
		},
		"cut in stack": {"a 1\na;b", "line 2: the last line has no count and no end: cut off before its end " +
			"(fetch it again)", ErrCutOff},
		"overflow": {
			strings.Repeat("a 999999999999999999\n", 10),
			"line 2: more samples than can be counted: too large to be read (take a shorter profile)", ErrTooLarge,
		},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ReadCollapsed(strings.NewReader(test.text))
			require.EqualError(t, err, test.message)
			require.ErrorIs(t, err, test.kind)
		})
	}
}

func TestReadersReturnTheErrorOfTheReader(t *testing.T) {
	broken := errors.New("connection reset")
	_, err := ReadCollapsed(io.MultiReader(strings.NewReader("a 1\n"), iotest.ErrReader(broken)))
	require.ErrorIs(t, err, broken)
	for _, text := range []string{"<html>\n", oldPage("f(0,0,1,3,'all')"), newPage("n(3,1)")} {
		_, err = ReadPage(io.MultiReader(strings.NewReader(strings.TrimSuffix(text, oldFoot)),
			iotest.ErrReader(broken)))
		require.ErrorIs(t, err, broken)
	}
}
