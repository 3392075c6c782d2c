// Package wait waits for a duration, and computes the growing pauses between retries.
package wait

import (
	"context"
	"time"

	"github.com/cenkalti/backoff/v5"
)

// For waits for d. It returns early with the error of ctx when ctx ends.
func For(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

// growth is the factor between two successive pauses.
const growth = 2

// Backoff returns pauses that begin with first and double up to longest. They have no
// jitter, because only one sidecar retries against a server.
func Backoff(first, longest time.Duration) *backoff.ExponentialBackOff {
	b := &backoff.ExponentialBackOff{InitialInterval: first, Multiplier: growth, MaxInterval: longest}
	b.Reset()
	return b
}
