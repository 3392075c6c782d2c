package source

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMethods: each file has frames in comments that begin with "//~", each followed by the first
// lines of the code that the frame leads to.
func TestMethods(t *testing.T) {
	for _, name := range []string{"Job.java", "Job.kt", "Job.scala", "Three.scala"} {
		text, err := os.ReadFile("testdata/" + name)
		require.NoError(t, err)
		lang, _ := languageOf(name)
		c := newCode(text, lang)
		wanted := 0
		for line := range strings.Lines(string(text)) {
			_, want, ok := strings.Cut(line, "//~ ")
			if !ok {
				continue
			}
			wanted++
			frame, lines, _ := strings.Cut(strings.TrimSpace(want), " =")
			target, ok := parseFrame(frame)
			require.True(t, ok, frame)
			var got []string
			for _, at := range c.methods(target) {
				got = append(got, span{c.number(at.from), c.number(at.to - 1)}.String())
			}
			require.Equal(t, strings.TrimSpace(lines), strings.Join(got, " "), "%s of %s", frame, name)
		}
		require.Greater(t, wanted, 3)
	}
}
