package synthetic

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/clock"
)

// Targets is called for each scrape, so it must not compute the accounts or the sums of
// a round.
func TestTargetsDoNotWaitForTheAccounts(t *testing.T) {
	now := clock.System()
	log := slog.New(slog.DiscardHandler)
	p := &Prober{recorder: account.NewRecorder(nil, nil, now, log, nil), health: newHealth(now, log, "kafka")}
	listed := make(chan []Target)
	p.recorder.Note(func(*account.Tracker) { // the accounts are locked
		go func() { listed <- p.Targets() }()
		select {
		case targets := <-listed:
			require.Equal(t, "kafka", targets[0].Name)
			require.Nil(t, targets[0].Up, "not contacted yet")
		case <-time.After(5 * time.Second):
			require.Fail(t, "the accounts are locked, and the targets wait for them")
		}
	})
}
