package stat

import "math"

// Breach is when a line passes a limit, in the unit of the times the line was
// fitted to, counted from time 0. A limit that has been passed already is 0 away.
type Breach struct {
	// Point is where the line itself passes. Low ≤ Point ≤ High.
	Point float64
	// Low and High are where the edges of the band around the line pass: the
	// first and the last moment that the samples leave possible.
	Low, High float64
}

// critical returns the critical value of Student's t for alpha, if the slope
// exceeds it. Most slopes don't even exceed the normal distribution's, which is
// the smaller one and cheap.
func (l Line) critical(alpha float64) (float64, bool) {
	// A NaN on either side is not significant: no comparison with it is true.
	if likely := l.Slope > 0 && l.Slope > normalQuantile(alpha)*l.SlopeError; !likely {
		return 0, false
	}
	t := studentQuantile(alpha, float64(l.N-3))
	return t, l.Slope > t*l.SlopeError
}

// SlopeLow returns the lower end of the slope's one-sided interval of error alpha.
// It is above 0 exactly where the slope is significant: of windows without a trend
// no more than the part alpha has one. Elsewhere it returns 0.
func (l Line) SlopeLow(alpha float64) float64 {
	t, ok := l.critical(alpha)
	if !ok {
		return 0
	}
	return l.Slope - t*l.SlopeError
}

// TimeToBreach returns when the line, rising, passes limit. The interval is
// Fieller's: its Low is the time at which the upper edge of a one-sided band of
// error alpha around the line reaches the limit, its High the same for the lower
// edge. These are finite exactly where the slope is significant at alpha; otherwise
// there is no breach in sight and ok is false.
func (l Line) TimeToBreach(limit, alpha float64) (b Breach, ok bool) {
	t, ok := l.critical(alpha)
	if !ok {
		return Breach{}, false
	}
	slope, distance := l.Slope, limit-l.Level
	// (distance - slope·τ)² = t²·(Var(level) + 2τ·Cov + τ²·Var(slope))
	t2 := t * t
	a := slope*slope - t2*l.SlopeError*l.SlopeError
	half := slope*distance + t2*l.covariance
	root := math.Sqrt(max(0, half*half-a*(distance*distance-t2*l.levelVariance)))
	point := max(0, distance/slope)
	return Breach{
		Point: point,
		Low:   min(point, max(0, (half-root)/a)),
		High:  max(point, (half+root)/a),
	}, true
}
