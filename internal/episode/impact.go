package episode

import (
	"fmt"
)

// ImpactText is the gain that a finding's evidence permits, in brackets.
func ImpactText(f Finding) string {
	switch {
	case f.Impact == nil:
		return ""
	case f.Impact.HighPercent < 1:
		return " (below +1 %)"
	}
	return fmt.Sprintf(" (+%.0f to %.0f %%)", f.Impact.LowPercent, f.Impact.HighPercent)
}
