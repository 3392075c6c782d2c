package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/app"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
)

// adviseFlags select the subject of the advice. At most one of the first two is given;
// with neither, the job is profiled and judged now.
type adviseFlags struct {
	*configFlags
	episode  string
	bundle   string
	profiles []string
	output   string
	hide     bool
	of       episode.JobRef
	provider string
	dryRun   bool
	template bool
	format   string
}

func adviseCommand(clause *kingpin.CmdClause) action {
	f := &adviseFlags{configFlags: addThroughFlags(clause)}
	clause.Flag("episode", "Print the advice of this episode, as history list names it.").StringVar(&f.episode)
	clause.Flag("bundle", "Advise from this directory alone: evidence that --output wrote, or bundle.json and the "+
		"profiles that it names. Needs no network.").StringVar(&f.bundle)
	clause.Flag("output", "With --episode: write the episode's evidence to this directory, which must be new or "+
		"empty.").StringVar(&f.output)
	clause.Flag("anonymize", "With --output: write placeholders for the names of jobs, clusters, vertices, sinks and "+
		"hosts, and their meaning to OUTPUT-names.json, beside the directory. Source code is left out.").
		BoolVar(&f.hide)
	clause.Flag("profile", "Advise from this profile alone: a flame graph page of Flink or async-profiler, or "+
		"collapsed stacks (FILE.collapsed). Repeatable; needs no network.").StringsVar(&f.profiles)
	clause.Flag("job", "Name of the job to profile and judge now; needed when several jobs run.").StringVar(&f.of.Job)
	clause.Flag("cluster", "Name of the job's cluster; needed when several clusters have a job of this name.").
		StringVar(&f.of.Cluster)
	clause.Flag("provider", "LLM provider that adds to the rules' findings; overrides advisor.provider.").
		EnumVar(&f.provider, advisor.ProviderNone, advisor.ProviderOpenAI, advisor.ProviderFile)
	clause.Flag("dry-run", "With --bundle, --profile or --episode: print the exact bytes that would be sent to the LLM, and "+
		"send nothing.").
		BoolVar(&f.dryRun)
	clause.Flag("print-prompt-template", "Print the built-in template of the question to the LLM, for "+
		"advisor.prompt_template_file.").BoolVar(&f.template)
	clause.Flag("format", "text, json or markdown.").Default("text").EnumVar(&f.format, "text", "json", "markdown")
	return func(ctx context.Context, c console) error {
		if err := f.check(); err != nil {
			return usageError{err}
		}
		switch {
		case f.template:
			_, err := io.WriteString(c.stdout, llm.BuiltInTemplate)
			return err
		case f.bundle != "":
			return f.fromBundle(ctx, c)
		case len(f.profiles) > 0:
			return f.fromProfiles(ctx, c)
		case f.output != "":
			return f.writeBundle(ctx, c)
		case f.dryRun:
			return f.promptOf(ctx, c)
		case f.episode != "":
			return f.fromHistory(ctx, c)
		}
		return f.fromNow(ctx, c)
	}
}

// check returns what is wrong with the combination of flags.
func (f *adviseFlags) check() error {
	subjects := 0
	for _, given := range []bool{f.episode != "", f.bundle != "", len(f.profiles) > 0} {
		if given {
			subjects++
		}
	}
	switch {
	case subjects > 1:
		return errors.New("--episode, --bundle and --profile exclude each other")
	case f.episode != "" && f.provider != "":
		return errors.New("--provider does not change stored advice (leave it out, or use --bundle or --profile)")
	case f.dryRun && subjects == 0:
		return errors.New("--dry-run needs --bundle, --profile or --episode (sidecar history list shows the ids)")
	case f.output != "" && f.episode == "":
		return errors.New("--output needs --episode (sidecar history list shows the ids)")
	case f.hide && f.output == "":
		return errors.New("--anonymize needs --output (give a directory that is new or empty)")
	case f.output != "" && f.dryRun:
		return errors.New("--output and --dry-run exclude each other (use --bundle=DIR --dry-run afterwards)")
	}
	return nil
}

// fromProfiles advises from files; only the LLM needs the network.
func (f *adviseFlags) fromProfiles(ctx context.Context, c console) error {
	var bundle evidence.Bundle
	for _, path := range f.profiles {
		profile, err := readProfile(path)
		if err != nil {
			return err
		}
		bundle.Profiles = append(bundle.Profiles, profile)
	}
	return f.judge(ctx, c, bundle)
}

// fromBundle advises from a directory; only the LLM needs the network.
func (f *adviseFlags) fromBundle(ctx context.Context, c console) error {
	bundle, warnings, err := bundlefile.Read(f.bundle)
	if err != nil {
		return err
	}
	for _, warning := range warnings {
		fmt.Fprintln(c.stderr, "sidecar: "+warning)
	}
	bundle.Warnings = append(bundle.Warnings, warnings...)
	return f.judge(ctx, c, bundle)
}

// judge prints the advice about a bundle or, for a dry run, what the LLM would be sent.
func (f *adviseFlags) judge(ctx context.Context, c console, bundle evidence.Bundle) error {
	cfg, err := f.advisorConfig()
	if err != nil {
		return err
	}
	adv, err := advisor.New(cfg, quiet(ctx, c.log))
	if err != nil {
		return err
	}
	app.AddSources(ctx, app.Sources(cfg), &bundle)
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
	return evidence.Profile{Name: path, Mode: string(profile.Mode.Judged()), Stacks: profile.Tree.Stacks()}, nil
}

// promptOf prints what an LLM would be sent for an episode.
func (f *adviseFlags) promptOf(ctx context.Context, c console) error {
	return f.ofSidecar(ctx, c, func(ctx context.Context, client *api.Client) error {
		body, err := client.Prompt(ctx, f.episode)
		if err == nil {
			_, err = c.stdout.Write(body)
		}
		return err
	})
}

// writeBundle writes the evidence of an episode to a directory.
func (f *adviseFlags) writeBundle(ctx context.Context, c console) error {
	return f.ofSidecar(ctx, c, func(ctx context.Context, client *api.Client) error {
		answer, err := client.Bundle(ctx, f.episode)
		if err != nil {
			return err
		}
		files := bundlefile.Files(answer.Files)
		if f.hide {
			if files, err = files.Anonymous(namesBeside(f.output)); err != nil {
				return err
			}
		}
		if err := files.Write(f.output); err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "%s %s\n", files.Hash(), f.output)
		return err
	})
}

// namesBeside is the file with the meaning of the placeholders of a bundle.
func namesBeside(dir string) string { return filepath.Clean(dir) + "-names.json" }

// ofSidecar asks the running sidecar or, if there is none, one beside its history.
func (f *adviseFlags) ofSidecar(
	ctx context.Context, c console, ask func(ctx context.Context, client *api.Client) error,
) error {
	where, err := f.standing()
	if err != nil {
		return err
	}
	client, running, err := where.through("asking", c)
	switch {
	case err != nil:
		return err
	case running:
		return ask(ctx, client)
	}
	cfg, err := f.load()
	if err != nil {
		return err
	}
	return besides(ctx, cfg, c, func(ctx context.Context, _ *app.App, client *api.Client) error {
		return ask(ctx, client)
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
		return report.AdviceMarkdown(w, advice)
	}
	return report.Advice(w, advice)
}
