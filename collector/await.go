package collector

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/wait"
)

// lookAgain is how often Await looks whether a poll has ended.
const lookAgain = 50 * time.Millisecond

// Await waits until the first poll of Run has ended, and returns why it got
// nothing if it failed.
func (c *Collector) Await(ctx context.Context) error {
	for {
		switch up, reason := c.Up(); {
		case up:
			return nil
		case reason != "":
			return errors.New(reason)
		}
		if wait.For(ctx, lookAgain) != nil {
			return fmt.Errorf("waiting for the first poll of Flink: %w", ctx.Err())
		}
	}
}
