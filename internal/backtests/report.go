package backtests

import (
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/flink-sidecar/flink-sidecar/alerts/backtest"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// Text prints the scores of rules that were tried, and which of them had nothing to judge.
func Text(to io.Writer, tried backtest.Result) error {
	if err := report.Tried(to, tried.Rules, tried.Judged); err != nil || len(tried.Unwatched) == 0 {
		return err
	}
	table := tabwriter.NewWriter(to, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nJUDGED NOTHING\tCLUSTER\tWHY")
	for _, w := range tried.Unwatched {
		fmt.Fprintf(table, "%s\t%s\t%s\n", w.Rule, plaintext.Line(w.Cluster, 60), w.Why)
	}
	return table.Flush()
}

// Tried is the result as JSON.
type Tried struct {
	api.Scorecard

	// JudgedSeconds is for how long each rule could judge a signal, the sum over its signals.
	JudgedSeconds map[string]float64 `json:"judged_seconds"`
	Unwatched     []api.Unwatched    `json:"unwatched"`
}

// TriedOf makes the JSON of a result.
func TriedOf(result backtest.Result) Tried {
	out := Tried{api.ScorecardOf(result.Rules), map[string]float64{}, []api.Unwatched{}}
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
