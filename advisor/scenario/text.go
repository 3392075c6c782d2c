package scenario

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Surprised returns an error if a scenario fails its answer in a way that is not known.
func Surprised(results []Result) error {
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

// Text prints a table for each model, and a line for each check that needs one.
func Text(w io.Writer, results []Result) error {
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

func writeTable(w io.Writer, scores []Score) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "scenario\tshare\t"+strings.Join(Checks(), "\t")+"\tfirst finding")
	for _, s := range scores {
		cells := []string{s.Name, "-"}
		if s.Share != nil {
			cells[1] = evidence.Percent(s.Share.Ratio())
		}
		for _, check := range Checks() {
			cells = append(cells, s.Mark(check))
		}
		fmt.Fprintln(tw, strings.Join(append(cells, append(s.Findings, "none")[0]), "\t"))
	}
	return tw.Flush()
}

func writeSurprises(w io.Writer, scores []Score) {
	for _, s := range scores {
		for _, surprise := range s.Surprises() {
			fmt.Fprintf(w, "%s: %s\n", s.Name, surprise)
		}
	}
}

func writeSummary(w io.Writer, s Summary) {
	fmt.Fprintf(w, "\n%d planted faults, %d healthy jobs\n", s.Faults, s.Healthy)
	for _, check := range Checks() {
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
