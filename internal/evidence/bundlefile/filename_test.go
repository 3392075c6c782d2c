package bundlefile

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The ends of the ranges that a file name keeps, and their neighbours.
func TestFileNamesKeepLettersAndDigits(t *testing.T) {
	require.Equal(t, "azAZ09._-", fileName("azAZ09._-"))
	for _, r := range "`{@[/:" {
		require.NotContains(t, fileName("a"+string(r)+"z"), string(r))
	}
}
