package source

import (
	"fmt"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestBoundsAreDocumented holds the numbers of docs/configuration.md.
func TestBoundsAreDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../../docs/configuration.md")
	require.NoError(t, err)
	thousands := func(n int) string { return fmt.Sprintf("%d,%03d", n/1000, n%1000) }
	for _, want := range []string{
		fmt.Sprintf("several overloads you see up to %d.", mostMethods),
		fmt.Sprintf("At most %d methods of an episode are shown, each with up to %d lines.", mostExcerpts, mostLines),
		fmt.Sprintf("at\nmost about %.0f s.", defaultLimits.time.Seconds()),
		fmt.Sprintf("looks at no more than %s files and directories and\n%s sources, and reads no file above %d MiB "+
			"and no jar above %d MiB.", thousands(defaultLimits.entries), thousands(defaultLimits.sources), maxFile>>20,
			maxJar>>20),
	} {
		require.Contains(t, string(doc), want)
	}
}
