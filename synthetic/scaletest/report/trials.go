package report

import (
	"fmt"
	"io"
	"strconv"
	"text/tabwriter"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// trialHeader has the columns of a table for people of the trials of a search for the sustainable rate.
var trialHeader = []string{"trial", "records/s", "seconds", "p99", "verdict", "reason"}

// trials returns the rows of the trials; none if the test searched for no rate.
func trials(t scalerun.Test) (rows [][]string) {
	if t.Sustainable == nil {
		return nil
	}
	for i, trial := range t.Sustainable.Trials {
		rows = append(rows, []string{
			strconv.Itoa(i + 1), rate(&trial.Rate), strconv.FormatFloat(trial.Seconds, 'f', 0, 64),
			seconds(trial.LatencyP99), string(trial.Verdict), trial.Reason,
		})
	}
	return rows
}

func writeTrials(w io.Writer, t scalerun.Test) error {
	rows := trials(t)
	if len(rows) == 0 {
		return nil
	}
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w)
	for _, row := range append([][]string{trialHeader}, rows...) {
		for i, text := range row {
			if i > 0 {
				fmt.Fprint(tw, "\t")
			}
			fmt.Fprint(tw, plaintext.Line(text, 0))
		}
		fmt.Fprintln(tw)
	}
	return tw.Flush()
}
