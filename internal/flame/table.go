package flame

// Table has the counts of each frame of a tree, for JSON.
type Table struct {
	Mode  Mode  `json:"mode"`
	Total int64 `json:"total"`
	// Unit of all counts, as in [Tree.Unit]: "samples" unless the profile was taken
	// with --total.
	Unit string `json:"unit"`
	// Frames are all frames, the hottest first.
	Frames []Row `json:"frames"`
}

// Row is one frame of a table.
type Row struct {
	Frame
	// Category is the kind of work that the frame does.
	Category string `json:"category"`
}

// Table returns the tree as a table. categorize returns the category of a frame.
func (t *Tree) Table(mode Mode, categorize func(frame string) string) Table {
	table := Table{Mode: mode, Total: t.Total(), Unit: t.Unit(), Frames: []Row{}}
	for _, frame := range t.Frames() {
		table.Frames = append(table.Frames, Row{Frame: frame, Category: categorize(frame.Name)})
	}
	return table
}
