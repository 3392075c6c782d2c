package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// Measurement prints a measurement as two tables: the
// latency of each hop, and the account of each sink.
func Measurement(w io.Writer, m episode.Measurement) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "hop\trecords\tp50\tp99\tmax\t")
	for _, hop := range m.Hops {
		if hop.Count == 0 {
			fmt.Fprintf(tw, "%s\t0\t-\t-\t-\t\n", hop.Name)
			continue
		}
		fmt.Fprintf(tw, "%s\t%d\t%s\t%s\t%s\t\n", hop.Name, hop.Count, Seconds(hop.P50), Seconds(hop.P99),
			Seconds(hop.Max))
	}
	if err := tw.Flush(); err != nil {
		return err
	}
	if u := m.IngestedUpperBound; u != nil {
		fmt.Fprintf(w, "\nread by the job at the latest after: p50 %s, p99 %s, max %s (%d records; upper bounds, each at "+
			"most %s too high)\n", Seconds(u.P50), Seconds(u.P99), Seconds(u.Max), u.Count, Seconds(u.Resolution))
	}
	fmt.Fprintln(w)
	fmt.Fprintln(tw, "sink\tintended\t"+strings.Join(outcomeNames(), "\t")+"\t")
	for _, account := range m.Accounts {
		fmt.Fprintf(tw, "%s\t%d\t", account.Sink, account.Intended)
		for _, outcome := range episode.RecordOutcomes() {
			fmt.Fprintf(tw, "%d\t", account.Outcomes[outcome])
		}
		fmt.Fprintln(tw)
	}
	for _, warning := range m.Warnings {
		fmt.Fprintf(tw, "\nwarning: %s\n", warning)
	}
	return tw.Flush()
}

func outcomeNames() []string {
	var names []string
	for _, outcome := range episode.RecordOutcomes() {
		names = append(names, string(outcome))
	}
	return names
}

// Seconds prints a latency with three significant places: 4.12ms, 1.34s, 2m4s.
func Seconds(s float64) string {
	d := time.Duration(s * float64(time.Second))
	switch {
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < time.Second:
		return d.Round(10 * time.Microsecond).String()
	case d < time.Minute:
		return d.Round(10 * time.Millisecond).String()
	}
	return d.Round(time.Second).String()
}

// Episodes prints the list of episodes, newest first as they come.
func Episodes(w io.Writer, episodes []episode.Episode) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	several := slices.ContainsFunc(episodes,
		func(ep episode.Episode) bool { return ep.Alert.Cluster != episodes[0].Alert.Cluster })
	fmt.Fprintln(tw, "EPISODE\tOPENED\tRULE\tSOURCE\tJOB\tSTATE\tWHAT")
	for _, ep := range episodes {
		job := OrDash(ep.Alert.Job)
		if several {
			job += " on " + OrDash(ep.Alert.Cluster)
		}
		fmt.Fprintf(tw, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", ep.ID, ep.Opened.UTC().Format(time.RFC3339),
			ep.Alert.RuleInWords(), ep.Alert.Source, job, ep.State, OrDash(summary(ep))+merged(ep))
	}
	return tw.Flush()
}

// merged names the rules of the alerts that joined an episode.
func merged(ep episode.Episode) string {
	var rules []string
	for _, alert := range ep.Triggers {
		if rule := alert.RuleInWords(); !slices.Contains(rules, rule) {
			rules = append(rules, rule)
		}
	}
	if len(rules) == 0 {
		return ""
	}
	return " (merged: " + strings.Join(rules, ", ") + ")"
}

// Declined prints alerts that opened no episode, newest first as they come.
func Declined(w io.Writer, declined []episode.Declined) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "FIRST\tLAST\tTIMES\tRULE\tSOURCE\tJOB\tREASON\tWHAT TO DO")
	for _, d := range declined {
		fmt.Fprintf(tw, "%s\t%s\t%d\t%s\t%s\t%s\t%s\t%s\n", d.First.UTC().Format(time.RFC3339),
			d.Last.UTC().Format(time.RFC3339),
			d.Count, d.Alert.Rule, d.Alert.Source, OrDash(d.Alert.Job), d.Reason, OrDash(d.Detail))
	}
	return tw.Flush()
}

// summary is the result of an episode in a few words.
func summary(ep episode.Episode) string {
	if ep.Error != "" {
		return ep.Error
	}
	if ep.Advice != nil {
		return adviceSummary(ep)
	}
	m := ep.Measurement
	if m == nil {
		return ep.Alert.Summary
	}
	var parts []string
	if m.Throughput != nil {
		parts = append(parts, fmt.Sprintf("%.0f records/s", *m.Throughput))
	}
	for _, hop := range m.Hops {
		if hop.Name == episode.HopVisible && hop.Count > 0 {
			parts = append(parts, "visible p50 "+Seconds(hop.P50))
		}
	}
	if len(parts) == 0 {
		return ep.Alert.Summary
	}
	return strings.Join(parts, ", ")
}

// adviceSummary is the first finding, and what the episode waits for.
func adviceSummary(ep episode.Episode) string {
	text := "no finding"
	if len(ep.Advice.Findings) > 0 {
		first := ep.Advice.Findings[0]
		text = first.Title + episode.ImpactText(first)
	}
	if more := len(ep.Advice.Findings) - 1; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	if ep.Waiting != "" {
		text += "; waits: " + ep.Waiting
	}
	return text
}

// OrDash returns a text on one line, "-" if it is empty.
func OrDash(s string) string {
	// One line of the table is one episode, whatever the job's name holds.
	return cmp.Or(plaintext.Line(s, 0), "-")
}
