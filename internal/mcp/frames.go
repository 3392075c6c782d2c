package mcp

import (
	"cmp"
	"context"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
)

// frameTable are the frames of a profile with most samples.
type frameTable struct {
	Unit string `json:"unit"`
	// Total are the samples of the profile.
	Total  int64      `json:"total"`
	Frames []frameRow `json:"frames"`
	// LeftOut is how many further frames there are. Those of the smallest branches are not counted.
	LeftOut int `json:"left_out"`
}

// frameRow counts the samples of a frame: on top of the stack, and anywhere in it, once for each stack.
type frameRow struct {
	Name  string `json:"name"`
	Self  int64  `json:"self"`
	Total int64  `json:"total"`
}

// allRows is more rows than a profile of usual size has.
const allRows = 50_000

func (t tools) frames(ctx context.Context, of oneProfile) (frameTable, error) {
	tree, err := t.client.Tree(ctx, of.Profile, allRows)
	if err != nil {
		return frameTable{}, err
	}
	limit := of.Frames
	if limit < 1 {
		limit = fewFrames
	}
	return tableOf(tree, limit), nil
}

// tableOf adds up the rows of a tree by frame.
func tableOf(tree flame.NestedSet, limit int) frameTable {
	rows := make([]frameRow, len(tree.Names))
	open := make([]int, len(tree.Names)) // how often a frame is in the present stack
	var stack []int
	for at, name := range tree.Name {
		for len(stack) > tree.Level[at] {
			open[stack[len(stack)-1]]--
			stack = stack[:len(stack)-1]
		}
		rows[name].Name = tree.Names[name]
		rows[name].Self += tree.Self[at]
		if open[name] == 0 {
			rows[name].Total += tree.Value[at]
		}
		open[name]++
		stack = append(stack, name)
	}
	out := frameTable{Unit: tree.Unit}
	if len(tree.Value) > 0 {
		out.Total = tree.Value[0]
		rows = slices.Delete(rows, tree.Name[0], tree.Name[0]+1) // the root
	}
	slices.SortStableFunc(rows, func(a, b frameRow) int {
		return cmp.Or(cmp.Compare(b.Self, a.Self), cmp.Compare(b.Total, a.Total), cmp.Compare(a.Name, b.Name))
	})
	shown := min(limit, len(rows))
	out.Frames, out.LeftOut = slices.Clone(rows[:shown]), len(rows)-shown
	return out
}
