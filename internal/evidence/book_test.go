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

// TestAFindingCitesThreeSettings, the first by their keys.
func TestAFindingCitesThreeSettings(t *testing.T) {
	b := NewBook()
	config := map[string]string{"a.x": "1", "b.x": "2", "c.x": "3", "d.x": "4", "e": "5"}
	require.Len(t, b.Settings(config, []string{".x"}), 3)
	require.Len(t, b.Entries, 3)
	require.Contains(t, b.Entries[2].Text, "c.x")
	require.Empty(t, b.Settings(config, nil))
}
