// Package takeprofiles takes profiles on request, straight from Flink and without a sidecar that
// runs, and keeps their pages as files.
package takeprofiles

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

// Request says what to profile.
type Request struct {
	// Process is the id of a TaskManager, or [snapshot.JobManager]. Empty is the TaskManager that
	// runs the busiest subtask of the only running job.
	Process string
	// Modes are taken one after the other, each for the Duration in whole seconds.
	Modes    []flame.Mode
	Duration time.Duration
	// Directory gets the pages. It is made if it is missing.
	Directory string
}

// ParseModes reads modes with commas between them. Besides those of Flink's profiler there is
// THREADS, which uses thread dumps.
func ParseModes(text string) (modes []flame.Mode, err error) {
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		mode, err := flame.ParseMode(name)
		switch {
		case strings.EqualFold(name, string(flame.Threads)):
			mode = flame.Threads
		case err != nil:
			return nil, err
		}
		modes = append(modes, mode)
	}
	return modes, nil
}

// longest is the longest profile that Flink can be allowed to take in practice: its own limit,
// rest.profiling.duration-max, is 5 minutes by default.
const longest = time.Hour

// CheckDuration refuses a duration that Flink does not sample.
func CheckDuration(d time.Duration) error {
	switch {
	case d < time.Second:
		return fmt.Errorf("%s is below a second (Flink samples whole seconds)", d)
	case d%time.Second != 0 || d > longest:
		return fmt.Errorf("%s is not a number of whole seconds up to %s (Flink samples no other)", d, longest)
	}
	return nil
}

// Take takes a profile in each mode. One that fails does not stop the others; the error joins
// the failures. out gets a line for each profile: ID MODE PROCESS SAMPLES PATH. notes gets what
// is in progress, and warnings about poor profiles.
func Take(
	ctx context.Context, client *flink.Client, look collector.Config, r Request, out, notes io.Writer,
) error {
	if r.Process == "" {
		var err error
		if r.Process, err = hottest(ctx, client, look); err != nil {
			return err
		}
	}
	if err := os.MkdirAll(r.Directory, 0o755); err != nil {
		return fmt.Errorf("%w (name a writable directory with --output)", err)
	}
	pages, err := os.MkdirTemp("", "flink-sidecar-*")
	if err != nil {
		return err
	}
	// A failure leaves only a temporary file.
	defer func() { _ = os.RemoveAll(pages) }()
	store := &pagestore.Store{Dir: pages}
	taker := profiler.New(client, store, profiler.NewMetrics(), slog.New(slog.DiscardHandler))
	var failures []error
	for _, mode := range r.Modes {
		fmt.Fprintf(notes, "sidecar: %s of %s for %s\n", mode, r.Process, r.Duration)
		result, err := taker.Take(ctx, r.Process, mode, r.Duration)
		if err == nil {
			err = keep(result, store, r.Directory, out, notes)
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// hottest is the TaskManager with the busiest subtask of the only running job.
func hottest(ctx context.Context, client *flink.Client, cfg collector.Config) (string, error) {
	look := collector.New(cfg, client, slog.New(slog.DiscardHandler))
	if err := look.Poll(ctx); err != nil {
		return "", err
	}
	var running []snapshot.Job
	for _, job := range look.Jobs() {
		if job.State == flink.JobRunning {
			running = append(running, job)
		}
	}
	if len(running) != 1 {
		return "", fmt.Errorf("%d jobs run, so the sidecar cannot choose a process "+
			"(name one with --taskmanager, or --jobmanager)", len(running))
	}
	return profiling.Hottest(ctx, client, running[0])
}

// keep writes the page of a profile and prints its line.
func keep(result profiler.Result, store *pagestore.Store, directory string, out, notes io.Writer) error {
	profile := result.Profile
	page, err := store.Page(profile.Hash)
	if err != nil {
		return err
	}
	path := filepath.Join(directory,
		fmt.Sprintf("%s_%s_%s%s", profile.ID, profile.Mode, inFileName(profile.Process), pagestore.Ending(page)))
	if err := os.WriteFile(path, page, 0o644); err != nil {
		return fmt.Errorf("%w (free some space there, or use another --output)", err)
	}
	report.Profile{
		Name: path, Mode: flame.Mode(profile.Mode), Tree: result.Tree, Quality: result.Tree.Quality(),
	}.Warn(notes)
	_, err = fmt.Fprintf(out, "%s %s %s %d %s\n", profile.ID, profile.Mode, profile.Process, profile.Samples, path)
	return err
}

var oddInFileName = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

// inFileName is the id of a process as a part of a file name. The id of a TaskManager
// often holds a port after a colon.
func inFileName(process string) string { return oddInFileName.ReplaceAllString(process, "-") }
