package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/classify"
)

// Profile is a flame graph page that was read.
type Profile struct {
	Name    string
	Mode    flame.Mode
	Tree    *flame.Tree
	Quality flame.Quality
}

// Warn says why a profile is not good. It is used all the same: here a person
// looks, who may have no better one.
func (p Profile) Warn(w io.Writer) {
	if p.Quality.Grade != flame.Good {
		fmt.Fprintf(w, "sidecar: warning: %s: a %s profile: %s\n", p.Name, p.Quality.Grade,
			strings.Join(p.Quality.Reasons, "; "))
	}
}

// Categorize names the category of a frame for tables.
func Categorize(frame string) string { return string(classify.Frame(frame)) }

// percentOf is a part of a whole in percent, 0 of nothing.
func percentOf(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

// Document is what --to=json prints: a row per frame, and what the table
// says beside them.
type Document struct {
	flame.Table
	Quality flame.Quality `json:"quality"`
	// Idle samples are in Total and in the rows of frames, but in none of the
	// kinds of threads and of work.
	Idle       int64                    `json:"idle"`
	Threads    []classify.ThreadShare   `json:"threads"`
	Categories []classify.CategoryShare `json:"categories"`
	Operators  []classify.OperatorShare `json:"operators"`
}

// Document returns the profile as it is written in JSON.
func (p Profile) Document() Document {
	summary := classify.Summarize(p.Tree, p.Mode)
	return Document{
		Table: p.Tree.Table(p.Mode, Categorize), Quality: p.Quality,
		Idle: summary.Idle, Threads: summary.Threads, Categories: summary.Categories, Operators: summary.Operators,
	}
}
