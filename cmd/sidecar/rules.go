package main

import (
	"context"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/alerts/promrules"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

func rulesCommands(group *kingpin.CmdClause, actions map[string]action) {
	actions["rules print"] = rulesCommand(group.Command("print",
		"Write the rules as a Prometheus rule file. This is what rules does without a command.").Default())
	actions["rules backtest"] = backtestCommand(group.Command("backtest",
		"Run the rules over samples of a file, of a Prometheus or of the history: what would have fired, and what was "+
			"right. Without FILE and --prometheus.url the samples are those of the history: a few days."))
	actions["rules scorecard"] = scorecardCommand(group.Command("scorecard",
		"Print how often each rule was right, as the sidecar saw it."))
}

func rulesCommand(clause *kingpin.CmdClause) action {
	flags := addConfigFlags(clause)
	format := clause.Flag("format", "yaml for Prometheus, prometheusrule for the Prometheus operator.").Default("yaml").
		Enum("yaml", "prometheusrule")
	return func(_ context.Context, c console) error {
		flags.over.NoFlink = true
		cfg, err := flags.load()
		if err != nil {
			return err
		}
		file := promrules.Render(cfg.Alerts, cfg.ProbedJob())
		out, err := file.YAML()
		if *format == "prometheusrule" {
			out, err = file.Resource("flink-sidecar")
		}
		if err == nil {
			_, err = c.stdout.Write(out)
		}
		return err
	}
}

func scorecardCommand(clause *kingpin.CmdClause) action {
	flags := addThroughFlags(clause)
	format := addScoreFormat(clause)
	return flags.onHistory(func(ctx context.Context, c console, where holder.History) error {
		scores, err := where.Scores(ctx)
		if err != nil {
			return err
		}
		return printScores(c, *format, scores)
	})
}

func addScoreFormat(clause *kingpin.CmdClause) *string {
	return clause.Flag("format", "text or json.").Default("text").Enum("text", "json")
}

func printScores(c console, format string, scores []episode.RuleScore) error {
	if format == "json" {
		return writeJSON(c, api.ScorecardOf(scores))
	}
	return report.Scores(c.stdout, scores)
}
