package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/alecthomas/kingpin/v2"

	"github.com/flink-sidecar/flink-sidecar/alerts/backtest"
	"github.com/flink-sidecar/flink-sidecar/alerts/promrules"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
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

// printTried prints the scores of rules that were tried, and which of them had nothing to judge.
func printTried(c console, format string, tried backtest.Result) error {
	if format == "json" {
		return writeJSON(c, triedOf(tried))
	}
	if err := report.Tried(c.stdout, tried.Rules, tried.Judged); err != nil || len(tried.Unwatched) == 0 {
		return err
	}
	table := tabwriter.NewWriter(c.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nJUDGED NOTHING\tCLUSTER\tWHY")
	for _, w := range tried.Unwatched {
		fmt.Fprintf(table, "%s\t%s\t%s\n", w.Rule, plaintext.Line(w.Cluster, 60), w.Why)
	}
	return table.Flush()
}

// tried is what rules backtest --format=json prints.
type tried struct {
	api.Scorecard

	// JudgedSeconds is for how long each rule could judge a signal, the sum over its signals.
	JudgedSeconds map[string]float64 `json:"judged_seconds"`
	Unwatched     []api.Unwatched    `json:"unwatched"`
}

func triedOf(result backtest.Result) tried {
	out := tried{api.ScorecardOf(result.Rules), map[string]float64{}, []api.Unwatched{}}
	for _, score := range out.Rules {
		out.JudgedSeconds[score.Rule] = result.Judged[score.Rule].Seconds()
	}
	for _, w := range result.Unwatched {
		out.Unwatched = append(out.Unwatched, api.Unwatched{
			Rule: w.Rule, Cluster: w.Cluster, Signal: string(w.Signal), Series: w.Series, State: w.State, Why: w.Why,
		})
	}
	return out
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
