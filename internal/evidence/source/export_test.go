package source

import "fmt"

// String writes a span of lines.
func (s span) String() string { return fmt.Sprintf("%d-%d", s.from, s.to) }
