package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/internal/advise"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/commandline"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// adviseFlags select the subject of the advice.
type adviseFlags struct {
	*configFlags
	advise.Request
	of       episode.JobRef
	template bool
	format   string
}

func adviseCommand(clause *kingpin.CmdClause) action {
	f := &adviseFlags{configFlags: addThroughFlags(clause)}
	clause.Flag("episode", "Print the advice of this episode, as history list names it.").StringVar(&f.Episode)
	clause.Flag("bundle", "Advise from this directory alone: evidence that --output wrote, or bundle.json and the "+
		"profiles that it names. Needs no network.").StringVar(&f.Bundle)
	clause.Flag("output", "With --episode: write the episode's evidence to this directory, which must be new or "+
		"empty.").StringVar(&f.Output)
	clause.Flag("anonymize", "With --output: write placeholders for the names of jobs, clusters, vertices, sinks and "+
		"hosts, and their meaning to OUTPUT-names.json, beside the directory. Source code is left out.").
		BoolVar(&f.Anonymize)
	clause.Flag("profile", "Advise from this profile alone: a flame graph page of Flink or async-profiler, or "+
		"collapsed stacks (FILE.collapsed). Repeatable; needs no network.").StringsVar(&f.Profiles)
	clause.Flag("job", "Name of the job to profile and judge now; needed when several jobs run.").StringVar(&f.of.Job)
	clause.Flag("cluster", "Name of the job's cluster; needed when several clusters have a job of this name.").
		StringVar(&f.of.Cluster)
	clause.Flag("provider", "LLM provider that adds to the rules' findings; overrides advisor.provider.").
		EnumVar(&f.Provider, advisor.ProviderNone, advisor.ProviderOpenAI, advisor.ProviderFile)
	clause.Flag("dry-run", "With --bundle, --profile or --episode: print the exact bytes that would be sent to the LLM, and "+
		"send nothing.").
		BoolVar(&f.DryRun)
	clause.Flag("print-prompt-template", "Print the built-in template of the question to the LLM, for "+
		"advisor.prompt_template_file.").BoolVar(&f.template)
	clause.Flag("format", "text, json or markdown.").Default("text").EnumVar(&f.format, "text", "json", "markdown")
	return func(ctx context.Context, c console) error {
		if err := f.Check(); err != nil {
			return usageError{err}
		}
		switch {
		case f.template:
			_, err := io.WriteString(c.stdout, llm.BuiltInTemplate)
			return err
		case f.OfFiles():
			return f.fromFiles(ctx, c)
		case f.Output != "":
			return f.writeBundle(ctx, c)
		case f.DryRun:
			return f.promptOf(ctx, c)
		case f.Episode != "":
			return f.fromHistory(ctx, c)
		}
		return f.fromNow(ctx, c)
	}
}

// fromFiles advises from files; only the LLM needs the network.
func (f *adviseFlags) fromFiles(ctx context.Context, c console) error {
	bundle, warnings, err := f.Evidence()
	if err != nil {
		return err
	}
	for _, warning := range warnings {
		c.say(warning)
	}
	return f.judge(ctx, c, bundle)
}

// judge prints the advice about a bundle or, for a dry run, what the LLM would be sent.
func (f *adviseFlags) judge(ctx context.Context, c console, bundle evidence.Bundle) error {
	cfg, err := config.LoadAdvisor(f.file, f.over, f.Provider)
	if err != nil {
		return err
	}
	judge, err := advise.NewJudge(cfg, commandline.Quiet(ctx, c.log))
	if err != nil {
		return err
	}
	if f.DryRun {
		if cfg.Provider == advisor.ProviderNone {
			c.say("no LLM is configured: nothing is sent, and the model is empty (set advisor.provider, or give --provider)")
		}
		_, err := c.stdout.Write(judge.Prompt(ctx, bundle))
		return err
	}
	return report.AdviceAs(c.stdout, judge.Advise(ctx, bundle), f.format)
}

// promptOf prints what an LLM would be sent for an episode.
func (f *adviseFlags) promptOf(ctx context.Context, c console) error {
	sidecar, err := f.asking(ctx, c, "asking")
	if err != nil {
		return err
	}
	return sidecar.Do(ctx, func(ctx context.Context, client *api.Client) error {
		body, err := client.Prompt(ctx, f.Episode)
		if err == nil {
			_, err = c.stdout.Write(body)
		}
		return err
	})
}

// writeBundle writes the evidence of an episode to a directory.
func (f *adviseFlags) writeBundle(ctx context.Context, c console) error {
	sidecar, err := f.asking(ctx, c, "asking")
	if err != nil {
		return err
	}
	return sidecar.Do(ctx, func(ctx context.Context, client *api.Client) error {
		hash, err := advise.WriteEvidence(ctx, client, f.Episode, f.Output, f.Anonymize)
		if err == nil {
			_, err = fmt.Fprintf(c.stdout, "%s %s\n", hash, f.Output)
		}
		return err
	})
}

// fromHistory prints the advice of an episode again.
func (f *adviseFlags) fromHistory(ctx context.Context, c console) error {
	where, err := f.standing(ctx, c)
	if err != nil {
		return err
	}
	ep, err := where.Episode(ctx, f.Episode)
	if err != nil {
		return err
	}
	return f.report(c, ep)
}

// fromNow profiles, measures and judges the job, through the running sidecar or, if there
// is none, in this process.
func (f *adviseFlags) fromNow(ctx context.Context, c console) error {
	sidecar, err := f.asking(ctx, c, "asking")
	if err != nil {
		return err
	}
	sidecar.Found = func(url string) error {
		c.through("asking", url)
		if f.Provider != "" {
			return usageError{errors.New("--provider has no effect on the running sidecar " +
				"(leave it out, change advisor.provider there, or stop its LLM with sidecar pause llm)")}
		}
		return nil
	}
	sidecar.Load = func() (config.Config, error) {
		cfg, err := f.load()
		cfg.Advisor.Provider = cmp.Or(f.Provider, cfg.Advisor.Provider)
		return cfg, err
	}
	sidecar.Polled = func() string { return f.of.Cluster }
	return sidecar.Do(ctx, func(ctx context.Context, client *api.Client) error {
		ep, err := advise.Now(ctx, client, f.of, c.say)
		if err != nil {
			return err
		}
		return f.report(c, ep)
	})
}

func (f *adviseFlags) report(c console, ep episode.Episode) error {
	if ep.Advice == nil {
		return errors.New(ep.WithoutAdvice())
	}
	for _, note := range ep.Notes {
		c.say(note)
	}
	return report.AdviceAs(c.stdout, *ep.Advice, f.format)
}
