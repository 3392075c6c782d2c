package synthetic

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Targets is called for each scrape, so it must not compute the accounts or the sums of
// a round.
func TestTargetsDoNotWaitForTheAccounts(t *testing.T) {
	now := systemClock()
	log := slog.New(slog.DiscardHandler)
	p := &Prober{recorder: newRecorder(nil, nil, now, log), health: newHealth(now, log, "kafka")}
	p.recorder.mu.Lock()
	defer p.recorder.mu.Unlock()
	listed := make(chan []Target)
	go func() { listed <- p.Targets() }()
	select {
	case targets := <-listed:
		require.Equal(t, "kafka", targets[0].Name)
		require.Nil(t, targets[0].Up, "not contacted yet")
	case <-time.After(5 * time.Second):
		require.Fail(t, "the accounts are locked, and the targets wait for them")
	}
}
