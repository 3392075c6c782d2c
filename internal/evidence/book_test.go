package evidence

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEqualFactsAreOneEntry: a fact differs by its number as well as by its words.
func TestEqualFactsAreOneEntry(t *testing.T) {
	b := NewBook()
	require.Equal(t, "E1", b.Metric("tm-1", 1, "bytes", "heap"))
	require.Equal(t, "E1", b.Metric("tm-1", 1, "bytes", "heap"))
	require.Equal(t, "E2", b.Metric("tm-1", 2, "bytes", "heap"))
	require.Equal(t, "E3", b.Metric("tm-1", 2, "seconds", "heap"))
	require.Equal(t, "E4", b.Metric("tm-2", 2, "seconds", "heap"))
	long := strings.Repeat("x", 2*MaxText)
	require.Equal(t, "E5", b.Metric("tm-1", 1, "", long+"a"))
	require.Equal(t, "E5", b.Metric("tm-1", 1, "", long+"b"), "they read the same")
	require.Len(t, b.Entries, 5)
}
