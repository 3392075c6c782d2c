package flink

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseVersion(t *testing.T) {
	for text, want := range map[string]struct {
		major, minor, patch int
		profiling           bool
	}{
		"2.3.0":          {2, 3, 0, true},
		"1.20.5":         {1, 20, 5, true},
		"1.20-SNAPSHOT":  {1, 20, 0, true},
		"2.0-preview1":   {2, 0, 0, true},
		"1.19.0":         {1, 19, 0, true},
		"1.18.1":         {1, 18, 1, false},
		"":               {},
		"<unknown>":      {},
		"2":              {},
		"2.x.1":          {},
		"1.19.-1":        {},
		"1.99999999999.": {},
	} {
		v := ParseVersion(text)
		require.Equal(t, [3]int{want.major, want.minor, want.patch}, [3]int{v.Major, v.Minor, v.Patch}, text)
		require.Equal(t, want.profiling, v.Profiling(), text)
		require.Equal(t, want.major > 0, v.Known(), text)
		require.Equal(t, text, v.String())
	}
}

func TestVersionAtLeast(t *testing.T) {
	v := Version{Major: 1, Minor: 20}
	require.True(t, v.AtLeast(1, 20))
	require.True(t, v.AtLeast(0, 99))
	require.False(t, v.AtLeast(1, 21))
	require.False(t, v.AtLeast(2, 0))
	require.False(t, Version{}.AtLeast(0, 0))
	require.Equal(t, "1.20.0", v.String())
}

func TestVersionTextIsBounded(t *testing.T) {
	v := ParseVersion("2.3.0-" + strings.Repeat("x\n", 1000))
	require.Equal(t, 3, v.Minor)
	require.Len(t, []rune(v.String()), maxVersionText)
	require.NotContains(t, v.String(), "\n")
}
