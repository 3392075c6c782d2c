package stack

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
)

// leftoverGrace is how long a process of a crashed launcher may take to end.
const leftoverGrace = 15 * time.Second

// leftovers names the services of a killed launcher that still run.
func (l Layout) leftovers() []string {
	records, _ := filepath.Glob(l.Record("*")) // the pattern is well-formed
	var names []string
	for _, record := range records {
		if id, ok, err := process.ReadRecord(record); err == nil && ok && id.Alive() {
			names = append(names, strings.TrimSuffix(filepath.Base(record), ".pid"))
		}
	}
	return names
}

// Clean ends the services of a killed launcher, by their records, and removes its files.
// The caller holds the directory.
func (l Layout) Clean(ctx context.Context, report func(service, event string)) error {
	records, err := filepath.Glob(l.Record("*"))
	if err != nil {
		return err
	}
	var faults []error
	for _, record := range records {
		service := strings.TrimSuffix(filepath.Base(record), ".pid")
		left, ok, err := process.FindLeftover(record)
		if err != nil {
			faults = append(faults, fmt.Errorf("%w (check that the process belongs to the stack, end it, and "+
				"remove the file)", err))
			continue
		}
		if !ok {
			continue
		}
		forced, err := left.End(ctx, leftoverGrace)
		if err != nil {
			faults = append(faults, fmt.Errorf("%s, left behind by an earlier start: %w", service, err))
			continue
		}
		how := "stopped"
		if forced {
			how = "killed"
		}
		report(service, fmt.Sprintf("%s (pid %d), left behind by an earlier start", how, left.PID))
	}
	return errors.Join(append(faults, l.Remove(stateName), l.Remove(socketName))...)
}
