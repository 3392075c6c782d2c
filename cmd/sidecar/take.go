package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/internal/takeprofiles"
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
		section, found := cfg.Flink.Named(f.cluster)
		if !found {
			return usageError{fmt.Errorf("--cluster: %q is none of: %s (name one)", f.cluster,
				strings.Join(cfg.Flink.Names(), ", "))}
		}
		client, err := flink.New(section)
		if err != nil {
			return err
		}
		defer client.CloseIdleConnections()
		return takeprofiles.Take(ctx, client, cfg.Collector, takeprofiles.Request{
			Process: f.process(), Modes: modes, Duration: f.duration, Directory: f.output,
		}, c.stdout, c.stderr)
	}
}

// parse checks the combination of flags.
func (f *takeFlags) parse() (modes []flame.Mode, err error) {
	if f.jobManager && f.taskManager != "" {
		return nil, errors.New("--jobmanager and --taskmanager exclude each other (leave one out)")
	}
	if err := takeprofiles.CheckDuration(f.duration); err != nil {
		return nil, fmt.Errorf("--duration: %w", err)
	}
	if modes, err = takeprofiles.ParseModes(f.modes); err != nil {
		err = fmt.Errorf("--modes: %w", err)
	}
	return modes, err
}

// process is the process that the flags name; empty if they name none.
func (f *takeFlags) process() string {
	if f.jobManager {
		return snapshot.JobManager
	}
	return f.taskManager
}
