package profilefile

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/flink-sidecar/flink-sidecar/internal/flame/export"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/report"
)

// The formats of [Write].
const (
	Collapsed  = "collapsed"
	Pprof      = "pprof" // compressed with gzip
	Speedscope = "speedscope"
	JSON       = "json"
	Table      = "table"
)

// Formats lists the formats of [Write].
func Formats() []string { return []string{Collapsed, Pprof, Speedscope, JSON, Table} }

// Write writes a profile in one of the formats.
func Write(w io.Writer, p report.Profile, format string) error {
	switch format {
	case Collapsed:
		return p.Tree.WriteCollapsed(w)
	case Pprof:
		return export.WritePprof(w, p.Tree, p.Mode)
	case Speedscope:
		return export.WriteSpeedscope(w, p.Tree, p.Mode, p.Name)
	case JSON:
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(p.Document())
	}
	return report.Text{W: w, Profile: p}.Write()
}

// ErrSame is said of a file to write that is the one that the profile was read from.
var ErrSame = errors.New("is the same file as the profile (name another file)")

// Save writes a profile to a file. A file with the name is replaced, unless the profile was read
// from it: then the error is [ErrSame].
func Save(name string, p report.Profile, format string) error {
	if sameFile(p.Name, name) {
		return ErrSame
	}
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	err = Write(file, p, format)
	if err := cmp.Or(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w (it is incomplete)", name, err)
	}
	return nil
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
