package plaintext

import (
	"cmp"
	"fmt"
	"time"
)

// Span is a duration in its two largest units: "23 s", "2 h 5 min", "3 d". It is rounded to
// seconds; a negative duration is "0 s".
func Span(d time.Duration) string {
	d = max(0, d.Round(time.Second))
	text := ""
	for _, unit := range []struct {
		name string
		size time.Duration
	}{{"d", 24 * time.Hour}, {"h", time.Hour}, {"min", time.Minute}, {"s", time.Second}} {
		n := d / unit.size
		switch d -= n * unit.size; {
		case text != "" && n > 0:
			return fmt.Sprintf("%s %d %s", text, n, unit.name)
		case text != "":
			return text
		case n > 0:
			text = fmt.Sprintf("%d %s", n, unit.name)
		}
	}
	return cmp.Or(text, "0 s")
}
