package holder

import (
	"context"
	"io"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/export"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// ImportRows stores the rows of a text as a new run, as [History.Import] does. A text with a faulty row
// is refused before a sidecar is asked; the error names each.
func (h History) ImportRows(
	ctx context.Context, in io.Reader, request api.ImportRequest,
) (receipt api.ImportReceipt, err error) {
	text, err := io.ReadAll(io.LimitReader(in, outcome.MaxImport+1)) // a byte above the limit is a fault
	if err != nil {
		return receipt, err
	}
	if _, err := outcome.Read(text, request.Format, request.Paired); err != nil {
		return receipt, err
	}
	request.Text = string(text)
	return h.Import(ctx, request)
}

// ReadTests stores the scale tests that [export.History.JSONLines] wrote, and returns their number.
func (h History) ReadTests(ctx context.Context, in io.Reader) (int, error) {
	tests, err := export.ReadScaleTests(in)
	if err == nil {
		err = h.ImportTests(ctx, tests)
	}
	return len(tests), err
}

// WriteRun writes the counted iterations of a run, in the form that [History.ImportRows] reads. paired
// is true if baseline and changes alternated.
func (h History) WriteRun(
	ctx context.Context, to io.Writer, of episode.JobRef, run, shape, format string,
) (paired bool, err error) {
	tests, err := h.Tests(ctx, of, run)
	if err != nil {
		return false, err
	}
	rows, paired, err := outcome.RowsOf(tests, shape)
	if err != nil {
		return false, err
	}
	return paired, outcome.WriteRows(to, rows, format)
}
