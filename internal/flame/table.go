package flame

// Table is a tree as numbers per frame, made to be written as JSON.
type Table struct {
	Mode  Mode  `json:"mode"`
	Total int64 `json:"total"`
	// Unit of all counts, as in [Tree.Unit]: "samples" unless the profile was taken
	// with --total.
	Unit string `json:"unit"`
	// Frames are all of them, the hottest first.
	Frames []Row `json:"frames"`
}

// Row is one frame of a table.
type Row struct {
	Frame
	// Category says what kind of work the frame is.
	Category string `json:"category"`
}

// Table returns the tree as a table. categorize names the category of a frame.
func (t *Tree) Table(mode Mode, categorize func(frame string) string) Table {
	table := Table{Mode: mode, Total: t.Total(), Unit: t.Unit(), Frames: []Row{}}
	for _, frame := range t.Frames() {
		table.Frames = append(table.Frames, Row{Frame: frame, Category: categorize(frame.Name)})
	}
	return table
}
