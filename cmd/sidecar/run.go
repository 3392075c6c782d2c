package main

import (
	"cmp"
	"context"
	"errors"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/app"
	"github.com/flink-sidecar/flink-sidecar/internal/commandline"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
	"github.com/flink-sidecar/flink-sidecar/internal/ondemand"
	"github.com/flink-sidecar/flink-sidecar/internal/server"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// configFlags are the flags of every command that reads the configuration.
type configFlags struct {
	file string
	over config.Overrides
	// sidecarURL is the address of a running sidecar, for commands that use it.
	sidecarURL string
}

func addConfigFlags(clause *kingpin.CmdClause) *configFlags {
	f := &configFlags{}
	clause.Flag("config.file",
		"Configuration file. Default: sidecar.yml in the working directory, if it exists.").StringVar(&f.file)
	clause.Flag("flink.url", "Address of the JobManager's REST API; overrides flink.url.").StringVar(&f.over.FlinkURL)
	clause.Flag("history.path", "File of the history; overrides history.path.").StringVar(&f.over.HistoryPath)
	return f
}

// addThroughFlags adds the flags of commands that use the running sidecar.
func addThroughFlags(clause *kingpin.CmdClause) *configFlags {
	f := addConfigFlags(clause)
	clause.Flag("sidecar.url", "Address of the running sidecar. Default: the one that has the history open. "+
		"web.client of the configuration has TLS and credentials.").StringVar(&f.sidecarURL)
	return f
}

// standing is the history, which the running sidecar holds. A command that finds one needs no
// Flink of its own, and without flags it finds the one of the same directory.
func (f *configFlags) standing(ctx context.Context, c console) (holder.History, error) {
	h := holder.History{URL: f.sidecarURL, Path: f.over.HistoryPath, Log: commandline.Quiet(ctx, c.log)}
	if f.file == "" && h.URL == "" && h.Path != "" {
		return h, nil
	}
	over := f.over
	over.NoFlink = true
	cfg, err := config.Load(f.file, over)
	h.Path, h.Client, h.Block = cfg.History.Path, cfg.Web.Client, cfg.Evaluate.Block
	h.RegressionPercent = cfg.Evaluate.RegressionPercent
	return h, err
}

// onHistory is the body of a command that works on the history.
func (f *configFlags) onHistory(body func(ctx context.Context, c console, where holder.History) error) action {
	return func(ctx context.Context, c console) error {
		where, err := f.standing(ctx, c)
		if err != nil {
			return err
		}
		return body(ctx, c, where)
	}
}

// sidecar does work through the running sidecar or, without one, through one with the
// configuration cfg. doing is the beginning of the line about the running one.
func (f *configFlags) sidecar(ctx context.Context, c console, cfg config.Config, doing string) ondemand.Sidecar {
	log := commandline.Quiet(ctx, c.log)
	return ondemand.Sidecar{
		History: holder.History{URL: f.sidecarURL, Path: cfg.History.Path, Client: cfg.Web.Client, Log: log},
		Found:   func(url string) error { c.through(doing, url); return nil },
		Load:    func() (config.Config, error) { return cfg, nil },
		Log:     log,
	}
}

// through says that the running sidecar is used.
func (c console) through(doing, url string) { c.say(doing + " through the running sidecar at " + url) }

// load reads the configuration. A command that uses a sidecar elsewhere needs no Flink.
func (f *configFlags) load() (config.Config, error) {
	over := f.over
	over.NoFlink = over.NoFlink || f.sidecarURL != ""
	return config.Load(f.file, over)
}

// asking is the running sidecar or, if there is none, one beside its history. Where one runs, its
// configuration counts, and the command needs none. doing is as with sidecar.
func (f *configFlags) asking(ctx context.Context, c console, doing string) (ondemand.Sidecar, error) {
	where, err := f.standing(ctx, c)
	s := f.sidecar(ctx, c, config.Config{}, doing)
	s.History, s.Load = where, f.load
	return s, err
}

func runCommand(clause *kingpin.CmdClause) action {
	flags := addConfigFlags(clause)
	listen := clause.Flag("web.listen-address", "Address of metrics, API and page; overrides web.listen_address. "+
		"Default: "+server.DefaultListenAddress+".").String()
	webConfig := clause.Flag("web.config.file",
		"File with TLS and basic auth in exporter-toolkit's format; overrides web.config_file.").String()
	return func(ctx context.Context, c console) error {
		load := func() (config.Config, error) {
			cfg, err := flags.load()
			if err != nil {
				return cfg, err
			}
			cfg.Web.ListenAddress = cmp.Or(*listen, cfg.Web.ListenAddress)
			cfg.Web.ConfigFile = cmp.Or(*webConfig, cfg.Web.ConfigFile)
			if faults := cfg.Web.Validate(); len(faults) > 0 {
				return cfg, usageError{errors.New(flagFaults(faults))}
			}
			return cfg, nil
		}
		cfg, err := load()
		if err != nil {
			return err
		}
		hangups := make(chan os.Signal, 1)
		signal.Notify(hangups, syscall.SIGHUP)
		defer signal.Stop(hangups)
		return app.Run(ctx, cfg, app.Options{ConfigFile: flags.file, Reload: load, Hangups: hangups}, c.log)
	}
}

// flagFaults are the faults of flags of the section web, a line each. The rest of the section was
// judged before the flags were set.
func flagFaults(faults setting.Faults) string {
	lines := make([]string, len(faults))
	for i, fault := range faults {
		fault.Path = strings.NewReplacer("listen_address", "listen-address", "config_file", "config.file").Replace(fault.Path)
		lines[i] = "--web." + fault.Error()
	}
	return strings.Join(lines, "\n")
}
