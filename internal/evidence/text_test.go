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
