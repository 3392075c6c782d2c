package evidence

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSize(t *testing.T) {
	for bytes, want := range map[float64]string{
		0: "0 bytes", 1023: "1023 bytes", 1536: "1.5 KiB",
		4893220: "4.7 MiB", 3 << 30: "3.0 GiB", -2048: "-2.0 KiB",
	} {
		require.Equal(t, want, size(bytes))
	}
}

// TestASecretIsMaskedBeforeItIsCut: cut within the password, it would not be recognised.
func TestASecretIsMaskedBeforeItIsCut(t *testing.T) {
	text := strings.Repeat("x ", 180) + "postgres://flink:Hunter2hunter2hunter2@db.example/orders"
	require.NotContains(t, Cut(text, MaxText), "Hunter2")
	require.Contains(t, Cut(text, MaxText), "postgres://")
	short := "a state of 3 keys"
	require.Equal(t, Clean(short, MaxText), Cut(short, MaxText))
}

// TestCodeKeepsItsShape: lines and indentation stay, also when it is cleaned again.
func TestCodeKeepsItsShape(t *testing.T) {
	code := "void f() {\n    a\u202e();\x1b\n\n        b();  // c\n}"
	require.Equal(t, "void f() {\n    a();\n\n        b(); // c\n}", CleanCode(code))
	require.Equal(t, CleanCode(code), CleanCode(CleanCode(code)))
	long := CleanCode(strings.Repeat(strings.Repeat(" ", 500)+strings.Repeat("x", 500)+"\n", 500))
	require.Equal(t, maxCodeLines-1, strings.Count(long, "\n"))
	require.Len(t, []rune(long), maxCodeLines*(maxCodeLine/2+maxCodeLine)+maxCodeLines-1)
}

// The first and the last of each range of characters that change how text is displayed.
func TestMarksOfDirectionAreRemoved(t *testing.T) {
	for _, r := range []rune{0x202a, 0x202e, 0x2066, 0x2069, 0x200b, 0x200f, 0x7f, 0xfffd, 0x1b} {
		require.Equal(t, "ab", Clean("a"+string(r)+"b", 10), "%U", r)
	}
	for _, r := range []rune{0x2029 + 8, 0x206a, 0x2010, '~'} {
		require.Equal(t, "a"+string(r)+"b", Clean("a"+string(r)+"b", 10), "%U", r)
	}
}
