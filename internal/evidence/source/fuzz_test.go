package source

import (
	"bytes"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

// FuzzMethods: whatever the text, blanks keep its lines and its length, and what is found lies in
// it.
func FuzzMethods(f *testing.F) {
	for _, name := range []string{"Job.java", "Job.kt", "Job.scala", "Three.scala"} {
		text, err := os.ReadFile("testdata/" + name)
		require.NoError(f, err)
		lang, _ := languageOf(name)
		f.Add(text, byte(lang), "com/acme/Job$Enricher.process")
	}
	f.Add([]byte(`class A { fun f() = "${"${"${"`), byte(kotlin), "A.f")
	f.Add([]byte("class A { void f() throws {} '\\"), byte(java), "A.f")
	f.Fuzz(func(t *testing.T, text []byte, lang byte, frame string) {
		if len(text) > 1<<16 {
			return
		}
		c := newCode(text, language(lang%3))
		require.Len(t, c.masked, len(text))
		require.Equal(t, bytes.Count(text, []byte("\n")), bytes.Count(c.masked, []byte("\n")))
		target, ok := parseFrame(frame)
		if !ok {
			return
		}
		for _, at := range c.methods(target) {
			require.LessOrEqual(t, 0, at.from)
			require.Less(t, at.from, at.to)
			require.LessOrEqual(t, at.to, len(text))
			require.LessOrEqual(t, at.from, at.name)
			excerpt := c.excerpt(at.span)
			require.LessOrEqual(t, utf8.RuneCountInString(excerpt), (mostLines+1)*(2*maxLine+1))
		}
	})
}
