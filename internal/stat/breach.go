package stat

import "math"

// Breach is the time at which a line passes a limit. It is counted from time 0, in the unit
// of the times that the line was fitted to. It is 0 if the limit is already passed.
type Breach struct {
	// Point is the time at which the line itself passes. Low ≤ Point ≤ High.
	Point float64
	// Low and High are the times at which the edges of the band around the line pass:
	// the earliest and the latest time that agree with the samples.
	Low, High float64
}

// critical returns the critical value of Student's t for alpha; ok is false if the slope is
// not significant. It tests the normal distribution's critical value first: it is smaller
// and fast to compute, and most slopes do not exceed it.
func (l Line) critical(alpha float64) (float64, bool) {
	// A NaN on either side is not significant: no comparison with it is true.
	if likely := l.Slope > 0 && l.Slope > normalQuantile(alpha)*l.SlopeError; !likely {
		return 0, false
	}
	t := studentQuantile(alpha, float64(l.N-3))
	return t, l.Slope > t*l.SlopeError
}

// Significant reports whether the slope differs from 0 at alpha in its own direction.
func (l Line) Significant(alpha float64) bool {
	if l.Slope < 0 {
		l.Slope = -l.Slope
	}
	_, ok := l.critical(alpha)
	return ok
}

// SlopeLow returns the lower end of the slope's one-sided interval with error alpha. It is
// above 0 if the slope is significant, and 0 otherwise. Of the windows without a trend, at
// most the fraction alpha has a significant slope.
func (l Line) SlopeLow(alpha float64) float64 {
	t, ok := l.critical(alpha)
	if !ok {
		return 0
	}
	return l.Slope - t*l.SlopeError
}

// SlopeInterval returns the interval of the slope whose ends have the error alpha each. ok
// is false if the error of the slope is unknown.
func (l Line) SlopeInterval(alpha float64) (low, high float64, ok bool) {
	if math.IsNaN(l.Slope) || math.IsNaN(l.SlopeError) {
		return 0, 0, false
	}
	if l.SlopeError == 0 {
		return l.Slope, l.Slope, true
	}
	reach := studentQuantile(alpha, float64(l.N-3)) * l.SlopeError
	return l.Slope - reach, l.Slope + reach, true
}

// TimeToBreach returns when a rising line passes limit. The interval is Fieller's: Low is
// the time at which the upper edge of a one-sided band with error alpha around the line
// reaches the limit, and High is the same for the lower edge. Both are finite exactly if the
// slope is significant at alpha. Otherwise no breach is predicted and ok is false.
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
