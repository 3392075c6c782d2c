package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/stat"
)

// Scores writes a table of how often each rule was right and, of the rules with a true alert, the
// histogram of its lead times.
func Scores(w io.Writer, scores []episode.RuleScore) error {
	return scoreTable(w, scores, "", func(string) string { return "" })
}

// Tried is Scores of rules that were tried on samples, with the time for which each of them judged a
// signal.
func Tried(w io.Writer, scores []episode.RuleScore, judged map[string]time.Duration) error {
	return scoreTable(w, scores, "JUDGED\t", func(rule string) string {
		if judged[rule] == 0 {
			return "nothing\t"
		}
		return model.Duration(judged[rule].Round(time.Minute)).String() + "\t"
	})
}

// scoreTable is Scores with one more column, of a head and a cell for each rule.
func scoreTable(w io.Writer, scores []episode.RuleScore, head string, cell func(rule string) string) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RULE\t"+head+"FIRED\tTRUE\tFALSE\tAVOIDED\tMISSED\tOPEN\tLEAD (QUARTILES)\tLATER THAN SAID (QUARTILES)")
	for _, s := range scores {
		fmt.Fprintf(table, "%s\t%s%d\t%d\t%d\t%d\t%d\t%d\t%s\t%s\n", s.Rule, cell(s.Rule), s.Fired, s.True, s.False,
			s.Avoided, s.Missed, s.Open(), quartiles(s.Leads), quartiles(s.Delays))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return leadTimes(w, scores)
}

// leadTimes writes how many alerts warned how long before.
func leadTimes(w io.Writer, scores []episode.RuleScore) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	head := "\nLEAD TIMES\t"
	bounds := episode.LeadBounds()
	for _, bound := range bounds {
		head += "<=" + shortTime(bound) + "\t"
	}
	head += ">" + shortTime(bounds[len(bounds)-1]) + "\t\n"
	for _, s := range scores {
		leads := s.LeadsWithin()
		if leads == nil {
			continue
		}
		fmt.Fprint(table, head, s.Rule, "\t")
		head = ""
		for _, n := range leads {
			fmt.Fprintf(table, "%d\t", n)
		}
		fmt.Fprintln(table)
	}
	return table.Flush()
}

// shortTime is a time in its largest unit: 20m.
func shortTime(seconds float64) string {
	return model.Duration(seconds * float64(time.Second)).String()
}

// quartiles are those of times in seconds; a dash without one. A single time stands alone.
func quartiles(seconds []float64) string {
	var out []string
	for _, q := range []float64{0.25, 0.5, 0.75} {
		if v, ok := stat.Quantile(seconds, q); ok {
			out = append(out, time.Duration(v*float64(time.Second)).Round(time.Second).String())
		}
	}
	return cmp.Or(strings.Join(slices.Compact(out), " "), "-")
}
