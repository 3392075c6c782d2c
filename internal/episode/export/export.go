// Package export writes everything that a history holds: as JSON lines, and as CSV what is flat. It
// reads the lines back.
package export

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"iter"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// Kind is what is exported.
type Kind string

// The kinds.
const (
	Episodes     Kind = "episodes"
	Findings     Kind = "findings"
	Measurements Kind = "measurements"
	ScaleTests   Kind = "scaletests"
	Epochs       Kind = "epochs"
	Evaluations  Kind = "evaluations"
)

// Kinds lists all kinds.
func Kinds() []Kind {
	return []Kind{Episodes, Findings, Measurements, ScaleTests, Epochs, Evaluations}
}

// History reads a history page by page, newest first. Before is the id of the last entry of the
// page before, empty for the first page; an empty page is the end.
type History struct {
	Episodes     func(before string) ([]episode.Episode, error)
	Episode      func(id string) (episode.Episode, bool, error)
	Measurements func(before string) ([]episode.Measurement, error)
	ScaleTests   func(before string) ([]scalerun.Test, error)
	Evaluations  func(before string) ([]episode.Evaluation, error)
	// Epochs are the newest ones that began before a moment; the zero time is open.
	Epochs func(to time.Time) ([]episode.Epoch, error)
}

// JSONLines writes one entry a line, newest first. Episodes are whole, with their evidence.
func (h History) JSONLines(w io.Writer, kind Kind) error {
	lines := json.NewEncoder(w)
	lines.SetEscapeHTML(false)
	for entry, err := range h.entries(kind) {
		if err != nil {
			return err
		}
		if err := lines.Encode(entry); err != nil {
			return err
		}
	}
	return nil
}

// DefaultFormat is the format of a kind where the user gives none: csv, or jsonl for entries that are
// not flat.
func DefaultFormat(kind Kind) string {
	if _, flat := tables[kind]; flat {
		return "csv"
	}
	return "jsonl"
}

// Takes reports whether entries of a kind can be written in a format.
func Takes(kind Kind, format string) bool {
	return format == "jsonl" || format == "csv" && DefaultFormat(kind) == "csv"
}

// Write writes the entries of a kind in a format that it [Takes], newest first.
func (h History) Write(w io.Writer, kind Kind, format string) error {
	if format == "csv" {
		return h.CSV(w, kind)
	}
	return h.JSONLines(w, kind)
}

// CSV writes a header and one entry a line, newest first. The error is about a kind that is not
// flat, before anything is written.
func (h History) CSV(w io.Writer, kind Kind) error {
	table, flat := tables[kind]
	if !flat {
		return fmt.Errorf("%s have parts of their own, which a table cannot show (use --format=jsonl)", kind)
	}
	out := csv.NewWriter(w)
	if err := out.Write(table.header); err != nil {
		return err
	}
	for entry, err := range h.flat(kind) {
		if err != nil {
			return err
		}
		if err := out.Write(table.row(entry)); err != nil {
			return err
		}
	}
	out.Flush()
	return out.Error()
}

// entries yields the entries of a kind, for JSON.
func (h History) entries(kind Kind) iter.Seq2[any, error] {
	if kind != Episodes {
		return h.flat(kind)
	}
	return func(yield func(any, error) bool) {
		for listed, err := range each(h.Episodes, func(e episode.Episode) string { return e.ID }) {
			if err != nil {
				yield(nil, err)
				return
			}
			whole, found, err := h.Episode(listed.ID)
			if err == nil && !found {
				continue // it was dropped meanwhile
			}
			if !yield(whole, err) || err != nil {
				return
			}
		}
	}
}

// flat yields the entries of a kind without what only a whole episode has.
func (h History) flat(kind Kind) iter.Seq2[any, error] {
	switch kind {
	case Findings:
		return h.findings()
	case Measurements:
		return untyped(each(h.Measurements, func(m episode.Measurement) string { return m.ID }))
	case ScaleTests:
		return untyped(each(h.ScaleTests, func(t scalerun.Test) string { return t.ID }))
	case Evaluations:
		return untyped(each(h.Evaluations, func(e episode.Evaluation) string { return e.ID }))
	case Epochs:
		return h.epochs()
	}
	return untyped(each(h.Episodes, func(e episode.Episode) string { return e.ID }))
}

// epochs yields the epochs of all pages. They have no id: a page begins in the millisecond in which the
// one before ended, and what it repeats is left out.
func (h History) epochs() iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		seen := map[string]bool{}
		for to := (time.Time{}); ; {
			page, err := h.Epochs(to)
			if err != nil {
				yield(nil, err)
				return
			}
			before := len(seen)
			for _, e := range page {
				if id := identityOf(e); !seen[id] {
					if seen[id] = true; !yield(e, nil) {
						return
					}
				}
			}
			if len(seen) == before {
				return
			}
			to = page[len(page)-1].Began.Add(time.Millisecond)
		}
	}
}

// identityOf is what no two epochs have in common.
func identityOf(e episode.Epoch) string {
	return fmt.Sprintf("%q %q %q %d", e.Cluster, e.Job, e.Key, e.Began.UnixNano())
}

// each yields the entries of all pages. After an error there is no further entry.
func each[T any](page func(before string) ([]T, error), id func(T) string) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		for before := ""; ; {
			entries, err := page(before)
			if err != nil {
				yield(*new(T), err)
				return
			}
			if len(entries) == 0 {
				return
			}
			for _, entry := range entries {
				if !yield(entry, nil) {
					return
				}
			}
			before = id(entries[len(entries)-1])
		}
	}
}

func untyped[T any](entries iter.Seq2[T, error]) iter.Seq2[any, error] {
	return func(yield func(any, error) bool) {
		for entry, err := range entries {
			if !yield(entry, err) {
				return
			}
		}
	}
}
