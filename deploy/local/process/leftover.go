package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"
)

const lookAgain = 20 * time.Millisecond // how often End checks whether the process has ended

// Leftover is a process that an ended launcher had started and did not end.
type Leftover struct {
	Identity
	record string
}

// FindLeftover reads a record and returns the process it names if that still runs.
// A record of a process that has gone is removed; ok is false then, and when there
// is no record.
func FindLeftover(record string) (left Leftover, ok bool, err error) {
	id, ok, err := ReadRecord(record)
	if err != nil {
		return Leftover{}, false, err
	}
	if !ok || !id.Alive() {
		_ = os.Remove(record)
		return Leftover{}, false, nil
	}
	return Leftover{Identity: id, record: record}, true, nil
}

// End ends the process and its group in two steps like Process.Stop, and removes the
// record. It is not our child, so End polls for its end.
func (l Leftover) End(ctx context.Context, grace time.Duration) (forced bool, err error) {
	_ = syscall.Kill(-l.PID, syscall.SIGTERM)
	_ = syscall.Kill(-l.PID, syscall.SIGCONT)
	if !l.gone(ctx, grace) {
		forced = true
		_ = syscall.Kill(-l.PID, syscall.SIGKILL)
		if !l.gone(context.WithoutCancel(ctx), 10*time.Second) {
			return true, fmt.Errorf("pid %d does not end, not even by SIGKILL (see /proc/%d/status)", l.PID, l.PID)
		}
	}
	if err := os.Remove(l.record); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return forced, err
	}
	return forced, nil
}

func (l Leftover) gone(ctx context.Context, patience time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	tick := time.NewTicker(lookAgain)
	defer tick.Stop()
	for l.Alive() {
		select {
		case <-ctx.Done():
			return !l.Alive()
		case <-tick.C:
		}
	}
	return true
}
