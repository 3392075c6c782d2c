package holder

import (
	"context"
	"fmt"
	"io"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// Comparison is what two labels of a run of scale tests differ in.
type Comparison struct {
	outcome.Comparison
	// Frames compares profiles; nil without a profile of each label.
	Frames *report.Diff `json:"frames"`
}

// Compare compares two labels of a run; an empty run is the newest one with a baseline.
func (h History) Compare(ctx context.Context, of episode.JobRef, run, base, changed string) (c Comparison, err error) {
	tests, err := h.Tests(ctx, of, run)
	if err != nil {
		return c, err
	}
	if c.Comparison, err = outcome.Compare(tests, base, changed, h.regression()); err != nil {
		return c, err
	}
	c.Frames, err = h.FramesBetween(ctx, tests, base, changed)
	return c, err
}

// regression is from how many percent a figure is worse.
func (h History) regression() float64 {
	if h.RegressionPercent != 0 {
		return h.RegressionPercent
	}
	return outcome.DefaultConfig().RegressionPercent
}

// Text prints the comparison for people, in colours if they are shown.
func (c Comparison) Text(w io.Writer, colours bool) error {
	if err := c.Comparison.Text(w, colours); err != nil || c.Frames == nil {
		return err
	}
	fmt.Fprintln(w)
	return report.DiffText{W: w, Diff: *c.Frames}.Write()
}

// Markdown prints the same as Markdown.
func (c Comparison) Markdown(w io.Writer) error {
	if err := c.Comparison.Markdown(w); err != nil || c.Frames == nil {
		return err
	}
	fmt.Fprintln(w)
	return report.DiffText{W: w, Diff: *c.Frames}.Markdown()
}
