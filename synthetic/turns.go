package synthetic

import (
	"context"
	"time"
)

// Turns let a sink look by itself: when its last turn says, and at once when a record is about to
// be sent. Use [NewTurns].
type Turns struct {
	wake chan struct{} // of capacity 1: a record is under way
}

// NewTurns returns the turns of a sink.
func NewTurns() Turns { return Turns{make(chan struct{}, 1)} }

// Begin lets the next turn begin at once. It is a [Start.Begin] and does not wait.
func (t Turns) Begin(context.Context) {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

// Run takes turns until ctx ends. turn does the due work and returns the wait until the next one.
func (t Turns) Run(ctx context.Context, turn func(context.Context) time.Duration) {
	for ctx.Err() == nil {
		timer := time.NewTimer(turn(ctx))
		select {
		case <-ctx.Done():
		case <-t.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}
