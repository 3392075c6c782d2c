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

// TestTextIsCutAbove its limit, in characters: the last one that is left is the sign of it.
func TestTextIsCutAbove(t *testing.T) {
	require.Equal(t, "äöüß", Clean("äöüß", 4))
	require.Equal(t, "äöü…", Clean("äöüßx", 4))
	require.Equal(t, "a b", Clean(" a\r\n\t b ", 3))
	for n, want := range map[int]int{MaxSubject: 160, MaxText: 400, maxFrame: 1000} {
		require.Equal(t, want, n, "docs/advice.md and the prompts rely on it")
	}
	require.Equal(t, strings.Repeat("x", 80), CleanOr(strings.Repeat("x", 80), "id"))
	require.Equal(t, strings.Repeat("x", 79)+"…", CleanOr(strings.Repeat("x", 81), "id"))
	require.Equal(t, "id", CleanOr("\n", "id"))
	require.Len(t, []rune(CleanOr("", strings.Repeat("y", 90))), 80)
}

// TestASecretIsMaskedOnlyWhereItIsCut: a text of exactly the limit is not cut.
func TestASecretIsMaskedOnlyWhereItIsCut(t *testing.T) {
	text := "postgres://flink:Hunter2hunter2@db/x"
	require.Equal(t, text, Cut(text, len(text)))
	require.NotContains(t, Cut(text, len(text)-1), "Hunter2")
}

func TestQuantities(t *testing.T) {
	for _, tc := range []struct {
		value      float64
		unit, want string
	}{
		{999.94, "records", "999.9 records"},
		{1000.4, "records", "1000 records"},
		{-1000.6, "records", "-1001 records"},
		{12345.6, "", "12346"},
		{0.12345, "", "0.1235"},
		{0.5, "ratio", "50.0 %"},
		{2048, "bytes", "2.0 KiB"},
		{1024, "bytes", "1.0 KiB"},
		{1 << 20, "bytes", "1.0 MiB"},
		{1<<20 - 1, "bytes", "1024.0 KiB"},
		{1 << 30, "bytes", "1.0 GiB"},
	} {
		require.Equal(t, tc.want, Quantity(tc.value, tc.unit))
	}
}

// TestCodeIsCut at a hundred lines, and each line at 240 characters with an indentation of 120.
func TestCodeIsCut(t *testing.T) {
	lines := func(n int) string { return strings.TrimSuffix(strings.Repeat("x\n", n), "\n") }
	require.Equal(t, lines(100), CleanCode(lines(100)))
	require.Equal(t, lines(100), CleanCode(lines(101)))
	require.Equal(t, strings.Repeat(" ", 120)+"x", CleanCode(strings.Repeat(" ", 121)+"x"))
	require.Equal(t, strings.Repeat("x", 240), CleanCode(strings.Repeat("x", 240)))
	require.Equal(t, strings.Repeat("x", 239)+"…", CleanCode(strings.Repeat("x", 241)))
}
