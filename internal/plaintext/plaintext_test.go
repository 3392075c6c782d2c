package plaintext

import (
	"testing"

	"github.com/stretchr/testify/require"
)

const hostile = " a\x1b[2J\r\nb\u202ec\xff\td "

func TestLine(t *testing.T) {
	require.Equal(t, "a [2J  b c\uFFFD d", Line(hostile, 0))
	require.Equal(t, "a [2…", Line(hostile, 5))
	require.Equal(t, "äöü", Line("äöü", 3), "characters are counted, not bytes")
	require.Equal(t, "ä…", Line("äöü", 2))
}

func TestParagraph(t *testing.T) {
	require.Equal(t, "a[2J \nbc d", Paragraph(hostile, 0))
	require.Equal(t, "one\n…", Paragraph("one\ntwo", 5))
}

func TestLabel(t *testing.T) {
	require.Equal(t, "a\nb\uFFFD", Label("a\nb\xff", 200))
	require.Equal(t, "ab…", Label("abcd", 3))
}

func TestVisible(t *testing.T) {
	require.Equal(t, " a\uFFFD[2J\uFFFD\uFFFDb\uFFFDc\uFFFD\uFFFDd ", Visible(hostile))
}
