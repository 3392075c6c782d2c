package scalerun

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// equalSizes is the ratio up to which two sizes are equal: machines of one type differ by what
// their kernel keeps for itself.
const equalSizes = 1.01

// otherSizes lists what differs between two texts of sizes, such as "2 cores, 4096 MiB memory". A
// part that only one of them names is not a difference. Other texts are compared as they are.
func otherSizes(before, now string) (out []string) {
	was, is := sizes(before), sizes(now)
	if was == nil || is == nil {
		if before != now {
			out = append(out, fmt.Sprintf("%s %s → %s", HardwareFact, before, now))
		}
		return out
	}
	for _, what := range slices.Sorted(maps.Keys(was)) {
		a, b := was[what], is[what]
		if _, known := is[what]; known && math.Max(a, b) > equalSizes*math.Min(a, b) {
			out = append(out, fmt.Sprintf("%s %s → %s %s", HardwareFact, number(a), number(b), what))
		}
	}
	return out
}

// sizes are the numbers of a text by their unit and name; nil if it has another form, such as that
// of TaskManagers of several sizes.
func sizes(text string) map[string]float64 {
	parts := map[string]float64{}
	for part := range strings.SplitSeq(text, ", ") {
		amount, what, ok := strings.Cut(part, " ")
		value, err := strconv.ParseFloat(amount, 64)
		if !ok || err != nil || strings.Contains(what, ";") {
			return nil
		}
		parts[what] = value
	}
	return parts
}

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
