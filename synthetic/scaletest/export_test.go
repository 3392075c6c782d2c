package scaletest

import (
	"fmt"
	"strings"
	"time"
)

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

// NumbersOfTheGuide are the sentences of docs/scaletest.md that hold constants.
func NumbersOfTheGuide() []string {
	return []string{
		fmt.Sprintf("lasted less than %s, or less than %d refresh intervals", plain(minLength), refreshes),
		fmt.Sprintf("99 %% quantile of the publish delay above %s", plain(lateAtLeast)),
		fmt.Sprintf("its throughput is below %.0f %%\nof the median", 100*warmUpShare),
		fmt.Sprintf("R, and %d times R in the middle third", peakFactor),
		fmt.Sprintf("needs at most %d trials", maxTrials),
		fmt.Sprintf("grows by less than %.0f %% of the rate", 100*growthShare),
		fmt.Sprintf("is at most %.0f %% higher", 100*(resolution-1)),
		fmt.Sprintf("begin %s later", plain(steadyAfter)),
		fmt.Sprintf("for iterations of %s or longer", plain(minCPUSpan)),
	}
}

func plain(d time.Duration) string { return units.Replace(d.String()) }

var units = strings.NewReplacer("ms", " ms", "s", " s")
