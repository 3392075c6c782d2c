package kinds

import (
	"testing"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// TestAReaderOfAnOlderStateAddsNothing: what a transaction reads that began before a change
// must not be taken for the state after it.
func TestAReaderOfAnOlderStateAddsNothing(t *testing.T) {
	t.Parallel()
	var cache AdvisedCache
	before := cache.Begin()
	cache.Forget([]ulid.ULID{{1}})
	before.keep(ulid.ULID{1}, episode.Advised{ID: "old"})
	require.Empty(t, cache.entries)
	cache.Begin().keep(ulid.ULID{1}, episode.Advised{ID: "new"})
	require.Len(t, cache.entries, 1)
	big := episode.Advised{Findings: []episode.EncodedFinding{{JSON: make([]byte, maxAdvised-300)}}}
	cache.Begin().keep(ulid.ULID{2}, big)
	require.Len(t, cache.entries, 1, "memory is bounded")
	cache.Forget([]ulid.ULID{{2}, {3}})
	require.Zero(t, cache.size)
}
