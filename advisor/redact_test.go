package advisor

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/rules"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// Our own texts contain no word that redaction hides.
func TestOwnTextsAreNotRedacted(t *testing.T) {
	for _, r := range rules.All() {
		for _, part := range []string{r.What, r.Why, r.Change, r.TradeOffs} {
			require.Equal(t, part, redact.Text(part))
		}
	}
}

func TestFramesOfRealProfilesAreNotRedacted(t *testing.T) {
	names := map[string]bool{}
	for stack := range recorded(t, "flink-2.3.0-tm-ITIMER", "ITIMER").Stacks {
		for _, frame := range stack {
			names[strings.ReplaceAll(frame, "/", ".")] = true
		}
	}
	hidden := 0
	for name := range names {
		if redact.Text(name) != name {
			hidden++
		}
	}
	// The path of a library contains a hash, which is all that is hidden.
	require.Less(t, float64(hidden), 0.02*float64(len(names)))
}
