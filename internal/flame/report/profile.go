package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/classify"
)

// Profile is a profile to report.
type Profile struct {
	Name    string
	Mode    flame.Mode
	Tree    *flame.Tree
	Quality flame.Quality
}

// Warn writes a warning if the quality of a profile is not good. The commands still use the
// profile, because the user may not have a better one.
func (p Profile) Warn(w io.Writer) {
	if p.Quality.Grade != flame.Good {
		fmt.Fprintf(w, "sidecar: warning: %s: a %s profile: %s\n", p.Name, p.Quality.Grade,
			strings.Join(p.Quality.Reasons, "; "))
	}
}

// WarnOfBoth is [Profile.Warn] of two profiles, with a warning if their modes differ so that their
// shares are not comparable.
func WarnOfBoth(w io.Writer, base, next Profile) {
	base.Warn(w)
	next.Warn(w)
	if OnCPU(base.Mode) != OnCPU(next.Mode) || !OnCPU(base.Mode) && base.Mode != next.Mode {
		fmt.Fprintf(w, "sidecar: warning: %s is of mode %s and %s of %s: their shares are not comparable "+
			"(compare profiles of one mode)\n", base.Name, base.Mode, next.Name, next.Mode)
	}
}

// Categorize returns the category of a frame for tables.
func Categorize(frame string) string { return string(classify.Frame(frame)) }

// percentOf returns a part of a whole in percent, and 0 if the whole is 0.
func percentOf(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// Document is a profile as --to=json prints it: a row for each frame, and the other
// sections of the table.
type Document struct {
	flame.Table
	Quality flame.Quality `json:"quality"`
	// Idle counts the samples of idle threads. Total and the rows of frames include them;
	// Threads, Categories and Operators do not.
	Idle       int64                    `json:"idle"`
	Threads    []classify.ThreadShare   `json:"threads"`
	Categories []classify.CategoryShare `json:"categories"`
	Operators  []classify.OperatorShare `json:"operators"`
}

// Document returns the profile in the form for JSON.
func (p Profile) Document() Document {
	summary := classify.Summarize(p.Tree, p.Mode)
	return Document{
		Table: p.Tree.Table(p.Mode, Categorize), Quality: p.Quality,
		Idle: summary.Idle, Threads: summary.Threads, Categories: summary.Categories, Operators: summary.Operators,
	}
}
