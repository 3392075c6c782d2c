package web

import (
	"fmt"
	"strings"
)

// The coordinates of a sparkline: its own, scaled by the style.
const (
	sparkWidth  = 240
	sparkHeight = 32
)

// spark is a small line of values over time, from zero up to their highest.
type spark struct {
	// Path is the d of an SVG path; an unknown value is a gap.
	Path string
	// Label says in words what is drawn.
	Label string
}

// draw makes a line of values, oldest first, where nil is unknown. It is nil with fewer
// than two known values. what names them, format writes one.
func draw(what string, values []*float64, format func(float64) string) *spark {
	low, high, n := extremes(values)
	if n < 2 {
		return nil
	}
	var path strings.Builder
	pen := "M"
	for i, v := range values {
		if v == nil {
			pen = "M"
			continue
		}
		x, y := sparkWidth*float64(i)/float64(len(values)-1), 1.0*sparkHeight
		if high > 0 {
			y -= sparkHeight * max(*v, 0) / high
		}
		fmt.Fprintf(&path, "%s%.1f,%.1f", pen, x, y)
		if pen = "L"; alone(values, i) {
			fmt.Fprintf(&path, "h0.1")
		}
	}
	return &spark{
		Path:  path.String(),
		Label: fmt.Sprintf("%s, last %d measurements: %s to %s", what, len(values), format(low), format(high)),
	}
}

// alone reports whether a value is between two gaps, where it would be no line.
func alone(values []*float64, i int) bool {
	return (i == 0 || values[i-1] == nil) && (i == len(values)-1 || values[i+1] == nil)
}

func extremes(values []*float64) (low, high float64, n int) {
	for _, v := range values {
		if v == nil {
			continue
		}
		if n == 0 {
			low, high = *v, *v
		}
		low, high = min(low, *v), max(high, *v)
		n++
	}
	return low, high, n
}
