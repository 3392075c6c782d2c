package episode

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestGainsInWords(t *testing.T) {
	for _, test := range []struct {
		low, high float64
		want      string
	}{
		{0, 0.4, "below +1 %"},
		{12.6, 56.4, "+13 to 56 %"},
		{0, 1900, "up to about 20 times"},
		{88, 1049, "about 1.9 to 11 times"},
	} {
		require.Equal(t, test.want, Impact{LowPercent: test.low, HighPercent: test.high}.String())
	}
}

// TestLargeChangesAreFactors: a reader cannot judge +1620.82 % (+544.59 to +4493.93).
func TestLargeChangesAreFactors(t *testing.T) {
	require.Equal(t, "+96 % (+46 to +164)", ChangeText(96, 46, 164))
	require.Equal(t, "-2.4 % (-27 to +32)", ChangeText(-2.4, -27, 32))
	require.Equal(t, "17 times (6.4 to 46)", ChangeText(1620.82, 544.59, 4493.93))
}
