package changepoint

import "slices"

// Report is the result of a search.
type Report struct {
	// Points are in the order of time, oldest first.
	Points []Point `json:"points"`
	// Series are all that were searched, also those with too few blocks.
	Series []Series `json:"series"`
	// Tally counts what people said.
	Tally Tally `json:"tally"`
}

// NewReport is a report of nothing, to which [Report.Add] adds jobs.
func NewReport() Report { return Report{Points: []Point{}, Series: []Series{}} }

// Add adds what was found in another job.
func (r *Report) Add(other Report) {
	r.Points, r.Series = append(r.Points, other.Points...), append(r.Series, other.Series...)
	r.Tally = r.Tally.plus(other.Tally)
	r.sort()
}

// Searched is how many series have enough blocks for a change to be found.
func (r Report) Searched() (n int) {
	for _, s := range r.Series {
		if s.Enough() {
			n++
		}
	}
	return n
}

func (r *Report) sort() {
	slices.SortStableFunc(r.Points, func(a, b Point) int { return a.At.Compare(b.At) })
}
