package main

import (
	"context"
	"errors"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/advisor/scenario"
	"github.com/flink-sidecar/flink-sidecar/internal/advise"
	"github.com/flink-sidecar/flink-sidecar/internal/commandline"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
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
		EnumVar(&f.Provider, advisor.ProviderNone, advisor.ProviderOpenAI, advisor.ProviderFile)
	clause.Flag("model", "Model to ask; overrides advisor.openai.model. Repeatable: each is scored by itself.").
		StringsVar(&f.models)
	clause.Flag("dir", "Scenarios below this directory instead of those of the program.").ExistingDirVar(&f.dir)
	clause.Flag("format", "text or json.").Default("text").EnumVar(&f.format, "text", "json")
	return func(ctx context.Context, c console) error {
		if len(f.models) > 0 && f.Provider != advisor.ProviderOpenAI {
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
	cfg, err := config.LoadAdvisor(f.file, f.over, f.Provider)
	if err != nil {
		return err
	}
	results, err := advise.Score(ctx, cfg, scenarios, f.models, commandline.Quiet(ctx, c.log))
	if err != nil {
		return err
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
