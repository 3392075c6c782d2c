package app

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/grafana"
)

// TestTheKeysOfAReloadAreDocumented: docs/operations.md names each key that changes at once.
func TestTheKeysOfAReloadAreDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/operations.md")
	require.NoError(t, err)
	_, part, found := strings.Cut(string(page), "These keys change at once:")
	require.True(t, found)
	part, _, found = strings.Cut(part, "All other keys need a restart")
	require.True(t, found)
	documented := 0
	a := &App{sender: &notify.Sender{}, notifier: &grafana.Notifier{}}
	for _, p := range a.reloadable() {
		for _, key := range append(p.keys, p.except...) {
			require.Contains(t, part, "`"+key+"`")
			documented++
		}
	}
	require.Equal(t, 2*documented, strings.Count(part, "`"), "and no other")
}
