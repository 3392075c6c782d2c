package holder

import (
	"context"
	"errors"
	"io"
	"os"

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

// ReadEntries stores entries of a kind that [export.History.JSONLines] wrote, and counts them. All are
// checked before the first is stored. Those that are there already change nothing, so that an import
// that was interrupted can be made again.
func (h History) ReadEntries(
	ctx context.Context, in io.Reader, kind export.Kind,
) (total api.EntriesReceipt, err error) {
	file, remove, err := rereadable(in)
	if err != nil {
		return total, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	err = h.importEntries(ctx, func(put func(api.EntriesRequest) (api.EntriesReceipt, error)) error {
		for _, check := range []bool{true, false} {
			if _, err := file.Seek(0, io.SeekStart); err != nil {
				return err
			}
			if total, err = putBatches(file, kind, check, put); err != nil {
				return err
			}
		}
		return nil
	})
	return total, err
}

// putBatches checks or stores the entries of a file.
func putBatches(
	file io.Reader, kind export.Kind, check bool, put func(api.EntriesRequest) (api.EntriesReceipt, error),
) (total api.EntriesReceipt, err error) {
	for batch, err := range export.Batches(file, kind) {
		if err != nil {
			return total, err
		}
		request := api.EntriesRequest{Kind: string(kind), Check: check}
		for _, line := range batch {
			request.Entries = append(request.Entries, api.EntryLine{Line: line.Number, Entry: line.Entry})
		}
		receipt, err := put(request)
		if err != nil {
			return total, err
		}
		total = total.Plus(receipt)
	}
	return total, nil
}

// rereadable is an input that can be read twice: itself, if it is a file, or else a copy on the disk.
func rereadable(in io.Reader) (file io.ReadSeeker, remove func() error, err error) {
	if seeker, ok := in.(io.ReadSeeker); ok {
		if _, err := seeker.Seek(0, io.SeekStart); err == nil {
			return seeker, func() error { return nil }, nil
		}
	}
	copied, err := os.CreateTemp("", "flink-sidecar-import-*")
	if err != nil {
		return nil, nil, err
	}
	remove = func() error { return errors.Join(copied.Close(), os.Remove(copied.Name())) }
	if _, err := io.Copy(copied, in); err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return copied, remove, nil
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
