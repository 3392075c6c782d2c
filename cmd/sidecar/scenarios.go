package main

import (
	"cmp"
	"context"
	"errors"

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
		err = scenario.Text(c.stdout, results)
	}
	return errors.Join(err, scenario.Surprised(results))
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
