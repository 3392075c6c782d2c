package report

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/flame/classify"
)

// OnCPU reports whether the samples of a mode are processor time.
func OnCPU(mode flame.Mode) bool { return mode == flame.ITIMER || mode == flame.CPU }

// Diff is the comparison of two profiles, as --to=json prints it.
type Diff struct {
	Unit       string         `json:"unit"`
	Base       DiffSide       `json:"base"`
	New        DiffSide       `json:"new"`
	Confidence float64        `json:"confidence"` // of all verdicts together
	Compared   int            `json:"compared"`   // the number of tested differences
	Frames     []flame.Change `json:"frames"`
}

// DiffSide describes one of the two profiles. Shares refer to Total minus Idle.
type DiffSide struct {
	File    string        `json:"file"`
	Mode    flame.Mode    `json:"mode"`
	Total   int64         `json:"total"`
	Idle    int64         `json:"idle"`
	Quality flame.Quality `json:"quality"`
}

// CompareAtWork compares two profiles without the samples of idle threads. rename is as in
// [flame.Align].
func CompareAtWork(base, next Profile, rename func(frame string) string) (Diff, error) {
	out := Diff{Unit: "samples", Base: base.side(), New: next.side()}
	before, idleBefore := classify.WithoutIdle(base.Tree, base.Mode)
	after, idleAfter := classify.WithoutIdle(next.Tree, next.Mode)
	out.Base.Idle, out.New.Idle = idleBefore, idleAfter
	comparison, err := flame.Align(before, after, rename).Compare(Categorize)
	if err != nil {
		return out, fmt.Errorf("comparing %s with %s: %w", next.Name, base.Name, err)
	}
	out.Confidence, out.Compared, out.Frames = comparison.Confidence, comparison.Compared, comparison.Frames
	return out, nil
}

func (p Profile) side() DiffSide {
	return DiffSide{File: p.Name, Mode: p.Mode, Total: p.Tree.Total(), Quality: p.Quality}
}
