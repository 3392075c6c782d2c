package source

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCharacters: the length of the literal at the beginning of a text, 0 if it is none.
func TestCharacters(t *testing.T) {
	for text, want := range map[string]int{
		`'`: 0, `''`: 0, `'a`: 0, `'''`: 0, "'\n'": 0, `'ab'`: 0,
		`'a'`: 3, `'a';`: 3, `'é'`: 4, `'é`: 0, `'日'x`: 5,
		`'\n'`: 4, `'\''`: 4, `'\\'`: 4, `'\123'`: 6, `'\u0041'`: 8, `'\n`: 0, `'\`: 0, `'\x`: 0,
		`'\u1234567'`: 11, `'\u12345678'`: 0,
	} {
		require.Equal(t, want, character([]byte(text)), text)
	}
}

// TestLettersOfNames has the first and the last of each range, and the bytes beside them.
func TestLettersOfNames(t *testing.T) {
	for _, b := range []byte("_$09azAZ\x80\xff") {
		require.True(t, isName(b), "%q", b)
	}
	for _, b := range []byte("/:`{@[\x7f #%^") {
		require.False(t, isName(b), "%q", b)
	}
}

// TestWhatIsNoCode: what is masked is shown as "~" here.
func TestWhatIsNoCode(t *testing.T) {
	for _, tc := range []struct {
		name       string
		lang       language
		text, want string
		literals   int
	}{
		{"comments of lines", java, "a // \"b\nc//", "a ~~~~~\nc~~", 0},
		{"a comment", java, "a /* b\nc */ d", "a ~~~~\n~~~~ d", 0},
		{"a comment does not nest in Java", java, "a /* /* */ d */", "a ~~~~~~~~ d */", 0},
		{"a comment nests in Kotlin", kotlin, "a /* /* */ d */ e", "a ~~~~~~~~~~~~~ e", 0},
		{"a comment nests in Scala", scala, "a /*/**/*/ e", "a ~~~~~~~~ e", 0},
		{"a comment without an end", java, "a /* b", "a ~~~~", 0},
		{"a comment that only begins", java, "a /*/ b", "a ~~~~~", 0},
		{"a string", java, `a("b").c("")`, `a(~~~).c(~~)`, 2},
		{"a quote in a string", java, `"a\"b" c`, `~~~~~~ c`, 1},
		{"a backslash at its end", java, `"a\\" c`, `~~~~~ c`, 1},
		{"a string without an end", java, "x\"a\nb\"c\"", "x~~\nb~~~", 2},
		{"a string that the file cuts", java, `x"a\`, `x~~~`, 1},
		{"a text block", java, "x\"\"\"\na \"b\" \\\"\"\" c\"\"\" d", "x~~~\n~~~~~~~~~~~~~~~ d", 1},
		{"a backslash in a raw string", kotlin, `x"""a\""" d`, `x~~~~~~~~ d`, 1},
		{"quotes at the end of a raw string", scala, `x """a""""" d`, `x ~~~~~~~~~ d`, 1},
		{"quotes after a text block", java, `"""a""""b"`, `~~~~~~~~~~`, 2},
		{"a raw string without an end", kotlin, `x """a`, `x ~~~~`, 1},
		{"a template", kotlin, `"a${b("c}")}d" e`, `~~~~~~~~~~~~~~ e`, 1},
		{"braces in a template", kotlin, `"${ f { "x" } }" e`, `~~~~~~~~~~~~~~~~ e`, 1},
		{"no template in Java", java, `"${"a"}" e`, `~~~~a~~~ e`, 2},
		{"an interpolated string of Scala", scala, `s"${"a"}" e`, `s~~~~~~~~ e`, 1},
		{"a plain string of Scala", scala, `("${"a"}") e`, `(~~~~a~~~) e`, 2},
		{"the first string of a Scala file", scala, `"${"a"}" e`, `~~~~a~~~ e`, 2},
		{"a template without an end", kotlin, `"${a`, `~~~~`, 1},
		{"a dollar", kotlin, `"a$b$" e`, `~~~~~~ e`, 1},
		{"characters", java, `'"' + '\'' + 'x'`, `~~~ + ~~~~ + ~~~`, 3},
		{"a quote that opens nothing", scala, `val s = 'sym "x"`, `val s = 'sym ~~~`, 1},
		{"a division", java, `a / b / c`, `a / b / c`, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			masked, literals := mask([]byte(tc.text), tc.lang)
			var shown strings.Builder
			for i, b := range masked {
				if b != tc.text[i] || b == ' ' && strings.ContainsRune(" ", rune(tc.want[i])) == false {
					b = '~'
				}
				shown.WriteByte(b)
			}
			require.Equal(t, tc.want, shown.String())
			require.Len(t, literals, tc.literals)
		})
	}
}

// TestTemplatesInTemplates: all of them are one literal.
func TestTemplatesInTemplates(t *testing.T) {
	for _, n := range []int{1, 2, deepest, 20 * deepest} {
		text := strings.Repeat(`"${`, n) + "x" + strings.Repeat(`}"`, n)
		masked, literals := mask([]byte(text), kotlin)
		require.Len(t, masked, len(text))
		if n <= deepest {
			require.Empty(t, strings.TrimSpace(string(masked)), "%d", n)
			require.Equal(t, []span{{0, len(text)}}, literals)
		}
	}
}
