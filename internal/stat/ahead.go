package stat

import "math"

// Band is where a value is expected: Low ≤ Point ≤ High.
type Band struct{ Low, Point, High float64 }

// At returns where a sample at a time is expected if the line goes on: the value of the line, and its
// prediction interval, whose ends have the error alpha each. It contains the uncertainty of the line
// and the spread of the samples about it. ok is false if that is unknown.
func (l Line) At(time, alpha float64) (b Band, ok bool) {
	point := l.Level + l.Slope*time
	if math.IsNaN(point) || math.IsNaN(l.SlopeError) {
		return Band{}, false
	}
	variance := l.levelVariance + 2*time*l.covariance + time*time*l.SlopeError*l.SlopeError + l.spread
	if variance <= 0 {
		return Band{point, point, point}, true
	}
	reach := studentQuantile(alpha, float64(l.N-3)) * math.Sqrt(variance)
	return Band{point - reach, point, point + reach}, true
}
