package changepoint

import (
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// csvHeader is a contract: scripts read these columns.
var csvHeader = []string{
	"id", "at", "cluster", "job", "figure", "before", "after", "change_percent", "direction", "state", "blocks_before",
	"blocks_after", "p", "epochs", "triage", "note",
}

// CSV writes a line for each point. Several epochs are separated by a space.
func (r Report) CSV(w io.Writer) error {
	out := csv.NewWriter(w)
	records := [][]string{csvHeader}
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }
	for _, p := range r.Points {
		var epochs []string
		for _, e := range p.Epochs {
			epochs = append(epochs, e.Key)
		}
		records = append(records, []string{
			p.ID, p.At.Format(time.RFC3339), p.Cluster, p.Job, p.Figure, number(p.Before), number(p.After),
			strconv.FormatFloat(p.ChangePercent, 'f', 2, 64), string(p.Direction), string(p.State),
			strconv.Itoa(p.BlocksBefore), strconv.Itoa(p.BlocksAfter), number(p.P), strings.Join(epochs, " "),
			string(p.Triage), p.Note,
		})
	}
	return out.WriteAll(records)
}

// Text writes the points for a terminal.
func (r Report) Text(w io.Writer) error { return r.grid().Text(w) }

// Markdown writes the points for a pull request.
func (r Report) Markdown(w io.Writer) error { return r.grid().Markdown(w) }

// maxCell bounds a text of unknown length in a cell, in characters.
const maxCell = 60

func (r Report) grid() outcome.Grid {
	g := outcome.Grid{
		Title: "When did it change?",
		Columns: []outcome.GridColumn{
			{Title: "time", Left: true},
			{Title: "job", Left: true},
			{Title: "figure", Left: true},
			{Title: "before"},
			{Title: "after"},
			{Title: "change"},
			{Title: "", Left: true},
			{Title: "state", Left: true},
			{Title: "epoch", Left: true},
			{Title: "triage", Left: true},
			{Title: "id", Left: true},
		},
		Notes: r.notes(),
	}
	for _, p := range r.Points {
		g.Lines = append(g.Lines, []string{
			p.At.Format("2006-01-02 15:04"), plaintext.Line(p.Job, maxCell), p.Title(), outcome.Brief(p.Before),
			outcome.Brief(p.After), fmt.Sprintf("%+.1f %%", p.ChangePercent), string(p.Direction), string(p.State),
			plaintext.Line(p.Cause(), maxCell), string(p.Triage), p.ID,
		})
	}
	return g
}

// Title is the figure as people call it.
func (p Point) Title() string { return titleOf(p.Figure) }

// Cause names the epochs that began near a change, with what changed in them; "none" if no
// change of the job explains it.
func (p Point) Cause() string {
	var texts []string
	for _, e := range p.Epochs {
		texts = append(texts, e.Began.Format("15:04")+" "+strings.Join(e.Changes, ", "))
	}
	if len(texts) == 0 {
		return "none"
	}
	return strings.Join(texts, "; ")
}

// notes say what the table rests on, and what it leaves out.
func (r Report) notes() (notes []string) {
	if len(r.Points) == 0 {
		notes = append(notes, r.nothing())
	}
	for _, s := range r.Series {
		if s.OtherLoad > 0 {
			notes = append(notes, fmt.Sprintf("%s, %s: %d of %d blocks were at a load more than 20 %% away from the median and "+
				"do not count.", plaintext.Line(s.Job, maxCell), titleOf(s.Figure), s.OtherLoad, s.OtherLoad+s.Blocks))
		}
	}
	if slices.ContainsFunc(r.Points, func(p Point) bool { return p.State == Candidate }) {
		notes = append(notes, "candidate: a side has fewer than 10 blocks, so that the change may soon be over.")
	}
	if slices.ContainsFunc(r.Points, func(p Point) bool { return len(p.Epochs) > 0 }) {
		notes = append(notes, "epoch: what changed in the job at about that time. It may be the cause, and is no proof.")
	}
	if slices.ContainsFunc(r.Points, func(p Point) bool { return len(p.Epochs) == 0 }) {
		notes = append(notes, "epoch none: no change of the job or its settings explains it. Look at the data, the sinks and "+
			"the machines.")
	}
	if r.Tally.PrecisionLow != nil {
		notes = append(notes, fmt.Sprintf("%d of %d triaged change points were real: a precision of %.0f to %.0f %%.",
			r.Tally.Positive, r.Tally.Positive+r.Tally.Negative, 100**r.Tally.PrecisionLow, 100**r.Tally.PrecisionHigh))
	}
	return notes
}

// nothing says why there is no point: no change, or too little data.
func (r Report) nothing() string {
	searched := r.Searched()
	if searched == 0 {
		return fmt.Sprintf("Nothing can be said: no figure has %d blocks at about the same load (wait, or look further back "+
			"with --since).", 2*MinSegment)
	}
	return fmt.Sprintf("No change point in the %d of %d series that have enough blocks.", searched, len(r.Series))
}
