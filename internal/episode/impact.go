package episode

import (
	"fmt"
)

// ManyTimes is the gain in percent from which it is written as a factor: a reader cannot judge
// +1900 %.
const ManyTimes = 300

// ImpactText is the gain that a finding's evidence permits, in brackets.
func ImpactText(f Finding) string {
	if f.Impact == nil {
		return ""
	}
	return " (" + f.Impact.String() + ")"
}

// String is the gain in words: "below +1 %", "+13 to 56 %", or "about 1.9 to 20 times" where
// the evidence permits so much.
func (i Impact) String() string {
	switch {
	case i.HighPercent < 1:
		return "below +1 %"
	case i.HighPercent < ManyTimes:
		return fmt.Sprintf("+%.0f to %.0f %%", i.LowPercent, i.HighPercent)
	case i.LowPercent < 5:
		return "up to about " + factor(i.HighPercent) + " times"
	}
	return "about " + factor(i.LowPercent) + " to " + factor(i.HighPercent) + " times"
}

// ChangeText is a measured change with its interval, all in percent: "+96 % (+46 to +164)", or
// "17 times (6.4 to 46)" for a change that is so large.
func ChangeText(change, low, high float64) string {
	if change < ManyTimes {
		return fmt.Sprintf("%+.3g %% (%+.3g to %+.3g)", change, low, high)
	}
	return factor(change) + " times (" + factor(low) + " to " + factor(high) + ")"
}

// factor is a change in percent as a factor: +640 % is "7.4".
func factor(percent float64) string {
	times := 1 + percent/100
	if times < 10 {
		return fmt.Sprintf("%.1f", times)
	}
	return fmt.Sprintf("%.0f", times)
}
