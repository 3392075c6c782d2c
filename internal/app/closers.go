package app

import (
	"errors"
	"fmt"
	"log/slog"
	"slices"
)

// closers undo what was opened, the last first. Each step has a name, so that
// the log says which one failed.
type closers struct {
	log   *slog.Logger
	steps []closeStep
}

type closeStep struct {
	name string
	undo func() error
}

// add is called on the line after something was opened.
func (c *closers) add(name string, undo func() error) {
	c.steps = append(c.steps, closeStep{name, undo})
}

// close runs every step, even after a failed one.
func (c *closers) close() error {
	var errs []error
	for _, step := range slices.Backward(c.steps) {
		if err := step.undo(); err != nil {
			c.log.Error("Closing failed", "what", step.name, "err", err)
			errs = append(errs, fmt.Errorf("closing %s: %w", step.name, err))
		}
	}
	c.steps = nil
	return errors.Join(errs...)
}
