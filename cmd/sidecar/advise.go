package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/app"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/collect"
)

// adviseFlags select the subject of the advice. At most one of the first two is given;
// with neither, the job is profiled and judged now.
type adviseFlags struct {
	*configFlags
	episode  string
	profiles []string
	of       episode.JobRef
	provider string
	dryRun   bool
	format   string
}

func adviseCommand(clause *kingpin.CmdClause) action {
	f := &adviseFlags{configFlags: addThroughFlags(clause)}
	clause.Flag("episode", "Print the advice of this episode, as history list names it.").StringVar(&f.episode)
	clause.Flag("profile", "Advise from this profile alone: a flame graph page of Flink or async-profiler, or "+
		"collapsed stacks (FILE.collapsed). Repeatable; needs no network.").StringsVar(&f.profiles)
	clause.Flag("job", "Name of the job to profile and judge now; needed when several jobs run.").StringVar(&f.of.Job)
	clause.Flag("cluster", "Name of the job's cluster; needed when several clusters have a job of this name.").
		StringVar(&f.of.Cluster)
	clause.Flag("provider", "LLM provider that adds to the rules' findings; overrides advisor.provider.").
		EnumVar(&f.provider, advisor.ProviderNone, advisor.ProviderOpenAI, advisor.ProviderFile)
	clause.Flag("dry-run", "With --profile or --episode: print the exact bytes that would be sent to the LLM, and "+
		"send nothing.").
		BoolVar(&f.dryRun)
	clause.Flag("format", "text, json or markdown.").Default("text").EnumVar(&f.format, "text", "json", "markdown")
	return func(ctx context.Context, c console) error {
		switch {
		case f.episode != "" && len(f.profiles) > 0:
			return usageError{errors.New("--episode and --profile exclude each other")}
		case f.episode != "" && f.provider != "":
			return usageError{errors.New("--provider does not change stored advice (leave it out, or use --profile)")}
		case f.dryRun && len(f.profiles) == 0 && f.episode == "":
			return usageError{errors.New(
				"--dry-run needs --profile or --episode (sidecar history list shows the ids)")}
		case len(f.profiles) > 0:
			return f.fromProfiles(ctx, c)
		case f.dryRun:
			return f.promptOf(ctx, c)
		case f.episode != "":
			return f.fromHistory(ctx, c)
		}
		return f.fromNow(ctx, c)
	}
}

// fromProfiles advises from files; only the LLM needs the network.
func (f *adviseFlags) fromProfiles(ctx context.Context, c console) error {
	cfg, err := f.advisorConfig()
	if err != nil {
		return err
	}
	var bundle evidence.Bundle
	for _, path := range f.profiles {
		profile, err := readProfile(path)
		if err != nil {
			return err
		}
		bundle.Profiles = append(bundle.Profiles, profile)
	}
	adv, err := advisor.New(cfg, quiet(ctx, c.log))
	if err != nil {
		return err
	}
	if f.dryRun {
		_, err := c.stdout.Write(adv.Prompt(bundle))
		return err
	}
	return writeAdvice(c.stdout, adv.Advise(ctx, bundle), f.format)
}

// advisorConfig is the section advisor alone: profiles need no Flink.
func (f *adviseFlags) advisorConfig() (advisor.Config, error) {
	over := f.over
	over.NoFlink = true
	cfg, err := config.Load(f.file, over)
	cfg.Advisor.Provider = cmp.Or(f.provider, cfg.Advisor.Provider)
	if err == nil {
		if faults := cfg.Advisor.Validate(); len(faults) > 0 {
			err = fmt.Errorf("advisor.%w", faults[0])
		}
	}
	return cfg.Advisor, err
}

func readProfile(path string) (evidence.Profile, error) {
	profile, err := openProfile(path, "")
	if err != nil {
		return evidence.Profile{}, err
	}
	return evidence.Profile{Name: path, Mode: collect.ModeToJudge(profile.Mode), Stacks: profile.Tree.Stacks()}, nil
}

// promptOf prints what an LLM would be sent for an episode: from the running sidecar or, if
// there is none, from one beside its history.
func (f *adviseFlags) promptOf(ctx context.Context, c console) error {
	write := func(ctx context.Context, client *api.Client) error {
		body, err := client.Prompt(ctx, f.episode)
		if err == nil {
			_, err = c.stdout.Write(body)
		}
		return err
	}
	where, err := f.standing()
	if err != nil {
		return err
	}
	client, running, err := where.through("asking", c)
	switch {
	case err != nil:
		return err
	case running:
		return write(ctx, client)
	}
	cfg, err := f.load()
	if err != nil {
		return err
	}
	return besides(ctx, cfg, c, func(ctx context.Context, _ *app.App, client *api.Client) error {
		return write(ctx, client)
	})
}

// fromHistory prints the advice of an episode again.
func (f *adviseFlags) fromHistory(ctx context.Context, c console) error {
	where, err := f.standing()
	if err != nil {
		return err
	}
	return readHistory(ctx, where, c, func(r historyReader) error {
		ep, found, err := r.show(f.episode)
		switch {
		case err != nil:
			return err
		case !found:
			return fmt.Errorf("there is no episode %s (sidecar history list shows the ids)", f.episode)
		}
		return f.report(c, ep)
	})
}

// fromNow profiles, measures and judges the job, through the running sidecar or, if there
// is none, in this process.
func (f *adviseFlags) fromNow(ctx context.Context, c console) error {
	where, err := f.standing()
	if err != nil {
		return err
	}
	client, running, err := where.through("asking", c)
	switch {
	case err != nil:
		return err
	case running && f.provider != "":
		return usageError{errors.New("--provider has no effect on the running sidecar " +
			"(leave it out, change advisor.provider there, or stop its LLM with sidecar pause llm)")}
	case running:
		return f.ask(ctx, client, c)
	}
	cfg, err := f.load()
	if err != nil {
		return err
	}
	cfg.Advisor.Provider = cmp.Or(f.provider, cfg.Advisor.Provider)
	return besides(ctx, cfg, c, func(ctx context.Context, app *app.App, client *api.Client) error {
		if err := app.Await(ctx, f.of.Cluster); err != nil {
			return err
		}
		return f.ask(ctx, client, c)
	})
}

func (f *adviseFlags) ask(ctx context.Context, client *api.Client, c console) error {
	receipt, err := client.Raise(ctx, api.AlertRequest{
		Cluster: f.of.Cluster, Job: f.of.Job, Source: episode.FromCLI,
		Summary: "advice was requested",
	})
	if err != nil {
		return err
	}
	if receipt.Episode == "" {
		return fmt.Errorf("no episode was opened: %s", receipt.Reason)
	}
	fmt.Fprintf(c.stderr, "sidecar: episode %s is in progress: profile, measurement, advice\n", receipt.Episode)
	ep, err := client.Await(ctx, receipt.Episode, api.Concluded)
	if err != nil {
		return err
	}
	return f.report(c, ep)
}

func (f *adviseFlags) report(c console, ep episode.Episode) error {
	if ep.Advice == nil {
		return fmt.Errorf("episode %s has no advice: it is %s %s", ep.ID, ep.State, ep.Error)
	}
	for _, note := range ep.Notes {
		fmt.Fprintln(c.stderr, "sidecar: "+note)
	}
	return writeAdvice(c.stdout, *ep.Advice, f.format)
}

// writeAdvice prints advice in one of the formats.
func writeAdvice(w io.Writer, advice episode.Advice, format string) error {
	switch format {
	case "json":
		return encodeJSON(w, advice)
	case "markdown":
		return adviceText{w: w, heading: "## ", item: "- "}.write(advice)
	}
	return adviceText{w: w, heading: "", item: "  "}.write(advice)
}
