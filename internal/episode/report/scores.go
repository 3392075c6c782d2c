package report

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Scores writes a table of how often each rule was right.
func Scores(w io.Writer, scores []episode.RuleScore) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RULE\tFIRED\tTRUE\tFALSE\tAVOIDED\tMISSED\tOPEN\tMEDIAN LEAD")
	for _, s := range scores {
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%d\t%d\t%s\n", s.Rule, s.Fired, s.True, s.False, s.Avoided, s.Missed,
			s.Open(), medianLead(s.Leads))
	}
	return table.Flush()
}

// medianLead is the middle of the lead times; a dash without one.
func medianLead(leads []float64) string {
	if len(leads) == 0 {
		return "-"
	}
	middle := slices.Sorted(slices.Values(leads))[len(leads)/2]
	return time.Duration(middle * float64(time.Second)).Round(time.Second).String()
}
