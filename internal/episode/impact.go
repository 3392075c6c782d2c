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

// String is the gain in words: "below +1 %", "+13 to 56 %", or "up to about 20 times" where
// the evidence permits so much.
func (i Impact) String() string {
	switch {
	case i.HighPercent < 1:
		return "below +1 %"
	case i.HighPercent >= ManyTimes:
		return fmt.Sprintf("up to about %.0f times", 1+i.HighPercent/100)
	}
	return fmt.Sprintf("+%.0f to %.0f %%", i.LowPercent, i.HighPercent)
}
