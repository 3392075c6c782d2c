package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/profiling"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
	"github.com/flink-sidecar/flink-sidecar/profiling/profiler"
)

const takeHelp = `Take profiles through Flink's profiler and keep their pages as files. 
The command calls Flink directly. It waits while another profile of the process is in progress.

Prints a line for each profile: ID MODE PROCESS SAMPLES PATH.

Examples:

  sidecar profile take --flink.url=http://jobmanager:8081
  sidecar profile take --modes=ITIMER,ALLOC --duration=1m --taskmanager=tm-1
  sidecar profile take --modes=THREADS --jobmanager --output=profiles`

type takeFlags struct {
	*configFlags
	modes, taskManager, output, cluster string
	jobManager                          bool
	duration                            time.Duration
}

func takeCommand(clause *kingpin.CmdClause) action {
	f := &takeFlags{configFlags: addConfigFlags(clause)}
	clause.Flag("modes", "One or more of ITIMER, CPU, ALLOC, LOCK, WALL, with commas between them; or THREADS, "+
		"which uses thread dumps where Flink's profiler is off.").Default("ITIMER").StringVar(&f.modes)
	clause.Flag("duration", "How long each profile samples, in whole seconds.").Default("30s").DurationVar(&f.duration)
	clause.Flag("taskmanager", "The TaskManager to profile. Default: the one that runs the busiest subtask of the "+
		"busiest vertex.").StringVar(&f.taskManager)
	clause.Flag("jobmanager", "Profile the JobManager.").BoolVar(&f.jobManager)
	clause.Flag("cluster", "The cluster, where several are configured.").StringVar(&f.cluster)
	clause.Flag("output", "The directory for the pages; created if missing.").Default(".").StringVar(&f.output)
	return func(ctx context.Context, c console) error {
		modes, err := f.parse()
		if err != nil {
			return usageError{err}
		}
		cfg, err := f.load()
		if err != nil {
			return err
		}
		section, err := f.section(cfg)
		if err != nil {
			return usageError{err}
		}
		client, err := flink.New(section)
		if err != nil {
			return err
		}
		defer client.CloseIdleConnections()
		process, err := f.process(ctx, client, cfg.Collector)
		if err != nil {
			return err
		}
		return f.takeAll(ctx, client, process, modes, c)
	}
}

// parse checks the combination of flags.
func (f *takeFlags) parse() (modes []flame.Mode, err error) {
	if f.jobManager && f.taskManager != "" {
		return nil, errors.New("--jobmanager and --taskmanager exclude each other (leave one out)")
	}
	if f.duration < time.Second {
		return nil, fmt.Errorf("--duration: %s is below a second (Flink samples whole seconds)", f.duration)
	}
	for text := range strings.SplitSeq(f.modes, ",") {
		text = strings.TrimSpace(text)
		mode, err := flame.ParseMode(text)
		switch {
		case strings.EqualFold(text, string(flame.Threads)):
			mode = flame.Threads
		case err != nil:
			return nil, fmt.Errorf("--modes: %w", err)
		}
		modes = append(modes, mode)
	}
	return modes, nil
}

// section is the configuration of the cluster to ask.
func (f *takeFlags) section(cfg config.Config) (flink.Config, error) {
	var names []string
	for _, section := range cfg.Flink.All() {
		if f.cluster == "" && len(cfg.Flink.All()) == 1 || section.ClusterName() == f.cluster {
			return section, nil
		}
		names = append(names, section.ClusterName())
	}
	return flink.Config{}, fmt.Errorf("--cluster: %q is none of: %s (name one)", f.cluster, strings.Join(names, ", "))
}

// process is the process to profile.
func (f *takeFlags) process(ctx context.Context, client *flink.Client, cfg collector.Config) (string, error) {
	switch {
	case f.jobManager:
		return snapshot.JobManager, nil
	case f.taskManager != "":
		return f.taskManager, nil
	}
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

// takeAll takes a profile in each mode. One that fails does not stop the others.
func (f *takeFlags) takeAll(
	ctx context.Context, client *flink.Client, process string, modes []flame.Mode, c console,
) error {
	if err := os.MkdirAll(f.output, 0o755); err != nil {
		return fmt.Errorf("%w (name a writable directory with --output)", err)
	}
	pages, err := os.MkdirTemp("", "flink-sidecar-*")
	if err != nil {
		return err
	}
	// A failure leaves only a temporary file.
	defer func() { _ = os.RemoveAll(pages) }()
	store := &pagestore.Store{Dir: pages}
	profiler := profiler.New(client, store, profiler.NewMetrics(), slog.New(slog.DiscardHandler))
	var failures []error
	for _, mode := range modes {
		fmt.Fprintf(c.stderr, "sidecar: %s of %s for %s\n", mode, process, f.duration)
		result, err := profiler.Take(ctx, process, mode, f.duration)
		if err == nil {
			err = f.keep(result, store, c)
		}
		failures = append(failures, err)
	}
	return errors.Join(failures...)
}

// keep writes the page of a profile and prints its line.
func (f *takeFlags) keep(result profiler.Result, store *pagestore.Store, c console) error {
	profile := result.Profile
	page, err := store.Page(profile.Hash)
	if err != nil {
		return err
	}
	path := filepath.Join(f.output,
		fmt.Sprintf("%s_%s_%s%s", profile.ID, profile.Mode, inFileName(profile.Process), pagestore.Ending(page)))
	if err := os.WriteFile(path, page, 0o644); err != nil {
		return fmt.Errorf("%w (free some space there, or use another --output)", err)
	}
	report.Profile{
		Name: path, Mode: flame.Mode(profile.Mode), Tree: result.Tree,
		Quality: result.Tree.Quality(),
	}.Warn(c.stderr)
	_, err = fmt.Fprintf(c.stdout, "%s %s %s %d %s\n", profile.ID, profile.Mode, profile.Process,
		profile.Samples, path)
	return err
}

var oddInFileName = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

// inFileName is the id of a process as a part of a file name. The id of a TaskManager
// often holds a port after a colon.
func inFileName(process string) string { return oddInFileName.ReplaceAllString(process, "-") }
