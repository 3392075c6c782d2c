package scaletest

// Throttle makes the generator of a test slow.
func (t *Test) Throttle(perSecond float64) { t.throttle = perSecond }

// Due is when the i-th of n records of a schedule is due, in seconds.
func Due(shape string, rate float64, n, i int) float64 {
	return schedule{shape: shape, rate: rate, n: n}.due(i).Seconds()
}

// Judge, MarkWarmUp and Conclude are what the numbers of a test go through.
var (
	MarkWarmUp = markWarmUp
	Conclude   = conclude
)
