package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/advisor/scenario"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// scenarioFlags select the scenarios and who advises on them.
type scenarioFlags struct {
	adviseFlags
	dir    string
	models []string
}

func scenariosCommand(clause *kingpin.CmdClause) action {
	f := &scenarioFlags{adviseFlags: adviseFlags{configFlags: addConfigFlags(clause)}}
	clause.Flag("provider", "LLM provider that adds to the rules' findings; overrides advisor.provider. "+
		"Default: none, whatever the configuration says.").Default(advisor.ProviderNone).
		EnumVar(&f.provider, advisor.ProviderNone, advisor.ProviderOpenAI, advisor.ProviderFile)
	clause.Flag("model", "Model to ask; overrides advisor.openai.model. Repeatable: each is scored by itself.").
		StringsVar(&f.models)
	clause.Flag("dir", "Scenarios below this directory instead of those of the program.").ExistingDirVar(&f.dir)
	clause.Flag("format", "text or json.").Default("text").EnumVar(&f.format, "text", "json")
	return func(ctx context.Context, c console) error {
		if len(f.models) > 0 && f.provider != advisor.ProviderOpenAI {
			return usageError{errors.New("--model needs --provider=openai")}
		}
		return f.run(ctx, c)
	}
}

func (f *scenarioFlags) run(ctx context.Context, c console) error {
	scenarios, err := f.open()
	if err != nil {
		return err
	}
	var results []scenario.Result
	for _, model := range append(f.models, "")[:max(1, len(f.models))] {
		result, err := f.score(ctx, c, scenarios, model)
		if err != nil {
			return err
		}
		results = append(results, result)
	}
	if f.format == "json" {
		err = encodeJSON(c.stdout, results)
	} else {
		err = writeScores(c.stdout, results)
	}
	return errors.Join(err, surprised(results))
}

func (f *scenarioFlags) open() ([]scenario.Scenario, error) {
	if f.dir != "" {
		return scenario.Open(f.dir)
	}
	return scenario.Recorded()
}

// score lets the rules and, unless the provider is none, a model advise on the scenarios.
func (f *scenarioFlags) score(
	ctx context.Context, c console, scenarios []scenario.Scenario, model string,
) (scenario.Result, error) {
	cfg, err := f.advisorConfig()
	if err != nil {
		return scenario.Result{}, err
	}
	cfg.OpenAI.Model = cmp.Or(model, cfg.OpenAI.Model)
	cfg.RequestsPerDay = max(cfg.RequestsPerDay, maxRequests*len(scenarios))
	adv, err := advisor.New(cfg, quiet(ctx, c.log))
	if err != nil {
		return scenario.Result{}, err
	}
	result := scenario.Run(scenarios, func(b evidence.Bundle) episode.Advice { return adv.Advise(ctx, b) })
	if cfg.Provider == advisor.ProviderOpenAI {
		result.Model = cfg.OpenAI.Model
	}
	return result, ctx.Err()
}

// maxRequests is how many requests a bundle can take: one, and repairs of its answer.
const maxRequests = 4

// surprised is an error if a scenario fails its answer in a way that is not known.
func surprised(results []scenario.Result) error {
	surprises := 0
	for _, r := range results {
		surprises += r.Summary.Surprises
	}
	if surprises == 0 {
		return nil
	}
	return fmt.Errorf("%d checks fail, or pass although they are known to fail (the lines after the table say which)",
		surprises)
}

// writeScores prints a table for each model, and a line for each check that needs one.
func writeScores(w io.Writer, results []scenario.Result) error {
	for _, r := range results {
		if r.Model != "" {
			fmt.Fprintf(w, "model %s\n", r.Model)
		}
		if err := writeTable(w, r.Scores); err != nil {
			return err
		}
		writeSurprises(w, r.Scores)
		writeSummary(w, r.Summary)
	}
	return nil
}

func writeTable(w io.Writer, scores []scenario.Score) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "scenario\tshare\t"+strings.Join(scenario.Checks(), "\t")+"\tfirst finding")
	for _, s := range scores {
		cells := []string{s.Name, "-"}
		if s.Share != nil {
			cells[1] = evidence.Percent(s.Share.Ratio())
		}
		for _, check := range scenario.Checks() {
			cells = append(cells, s.Mark(check))
		}
		fmt.Fprintln(tw, strings.Join(append(cells, append(s.Findings, "none")[0]), "\t"))
	}
	return tw.Flush()
}

func writeSurprises(w io.Writer, scores []scenario.Score) {
	for _, s := range scores {
		for _, surprise := range s.Surprises() {
			fmt.Fprintf(w, "%s: %s\n", s.Name, surprise)
		}
	}
}

func writeSummary(w io.Writer, s scenario.Summary) {
	fmt.Fprintf(w, "\n%d planted faults, %d healthy jobs\n", s.Faults, s.Healthy)
	for _, check := range scenario.Checks() {
		if of := s.Applied[check]; of > 0 {
			fmt.Fprintf(w, "  %-9s %d of %d (%s)\n", check, s.Passed[check], of,
				evidence.Percent(float64(s.Passed[check])/float64(of)))
		}
	}
	fmt.Fprintf(w, "  the planted fault itself first in %d of %d; in the others another true cause may come first\n",
		s.PlantedFirst, s.Faults)
	fmt.Fprintf(w, "  everything true for %d of %d faults; %d numbers counted again, %d wrong\n", s.AllTrue, s.Faults,
		s.Recounted, s.Wrong)
	fmt.Fprintf(w, "  confidence of first findings: %.2f where right, %.2f where wrong, Brier score %.3f\n",
		s.RightConfidence, s.WrongConfidence, s.Brier)
	fmt.Fprintf(w, "  %d known misses\n", s.KnownMisses)
}
