package load

// Part is a part of the sequence of records: every Of-th record, beginning with that of Index. The
// zero value is the whole sequence.
type Part struct{ Of, Index int }

// Count is how many of n records are in the part.
func (p Part) Count(n int) int { return (n - p.Index + max(1, p.Of) - 1) / max(1, p.Of) }

// Global is the place in the sequence of the i-th record of the part.
func (p Part) Global(i int) int { return i*max(1, p.Of) + p.Index }
