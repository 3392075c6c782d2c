package web

import (
	"cmp"
	"slices"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// checksView is what sidecar doctor found last.
type checksView struct {
	At time.Time
	// ToDo are what is not fine, the most severe first; Fine is how many others there are.
	ToDo []checkRow
	Fine int
}

// checkRow is a check that is not fine.
type checkRow struct{ check.Result }

// checkStates are the states that the table shows, the most severe first, with their style and
// word.
var checkStates = []struct {
	state      check.State
	look, word string
}{
	{check.Failed, "state bad", "fails"},
	{check.Warning, "state warn", "to improve"},
	{check.Unknown, "state", unknown},
}

func (r checkRow) rank() int {
	for i, s := range checkStates {
		if s.state == r.State {
			return i
		}
	}
	return len(checkStates) - 1
}

// Look is the style of the state.
func (r checkRow) Look() string { return checkStates[r.rank()].look }

// Word is the state in words.
func (r checkRow) Word() string { return checkStates[r.rank()].word }

// checks arranges the last results; nil before the first ones.
func checks(at time.Time, results []check.Result) *checksView {
	if at.IsZero() {
		return nil
	}
	view := &checksView{At: at}
	for _, r := range results {
		if r.State == check.OK {
			view.Fine++
			continue
		}
		view.ToDo = append(view.ToDo, checkRow{r})
	}
	slices.SortStableFunc(view.ToDo, func(a, b checkRow) int { return cmp.Compare(a.rank(), b.rank()) })
	return view
}
