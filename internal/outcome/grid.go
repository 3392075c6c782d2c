package outcome

import "io"

// Grid is a titled table of texts for readers, in the look of the other tables of this
// package.
type Grid struct {
	Title   string
	Columns []GridColumn
	// Lines have a cell for each column. An empty cell is an unknown value.
	Lines [][]string
	// Notes stand below the table.
	Notes []string
}

// GridColumn is a column of a [Grid].
type GridColumn struct {
	Title string
	Left  bool // text, not a number
}

// Text writes the grid for a terminal.
func (g Grid) Text(w io.Writer) error {
	return writeText(w, g.Title, g.columns(), g.dashed(), g.Notes, false)
}

// Markdown writes the grid for a pull request.
func (g Grid) Markdown(w io.Writer) error {
	return writeMarkdown(w, g.Title, g.columns(), g.dashed(), g.Notes)
}

func (g Grid) columns() (out []column) {
	for _, c := range g.Columns {
		out = append(out, column{title: c.Title, left: c.Left})
	}
	return out
}

func (g Grid) dashed() (lines [][]string) {
	for _, line := range g.Lines {
		lines = append(lines, dashed(append([]string{}, line...)...))
	}
	return lines
}

// Brief writes a value for readers, with four significant digits and all digits before the
// point.
func Brief(v float64) string { return brief(v) }
