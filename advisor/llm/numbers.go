package llm

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// amount is a number in a text: "41.2 %", "1,640 samples", "2.5x".
type amount struct {
	value    float64
	decimals int
	unit     string // lower case, empty for none
}

// numbers finds the numbers in a text. It skips digits inside names such as E12, log4j2
// or tm-3.
var numbers = regexp.MustCompile(`(?i)(^|[^\w.$/-])(\d[\d,]*(?:\.\d+)?)(?:\s?(%|percent\b|×|x\b|times\b|ms\b|milliseconds?\b|s\b|sec\b|seconds?\b|min\b|minutes?\b|h\b|hours?\b|samples?\b|bytes?\b|[kmgt]i?b\b|records?\b|events?\b|requests?\b|cores?\b))?`)

func amounts(text string) []amount {
	var out []amount
	for _, m := range numbers.FindAllStringSubmatch(text, -1) {
		digits := strings.TrimRight(strings.ReplaceAll(m[2], ",", ""), ".")
		value, err := strconv.ParseFloat(digits, 64)
		if err != nil || math.IsInf(value, 0) {
			continue
		}
		_, fraction, _ := strings.Cut(digits, ".")
		out = append(out, amount{value: value, decimals: len(fraction), unit: strings.ToLower(m[3])})
	}
	return out
}

func (a amount) isPercent() bool { return a.unit == "%" || a.unit == "percent" }

// checkable reports whether a number claims a measurement: it has a unit or a fraction.
// A plain whole number may count anything.
func (a amount) checkable() bool { return a.unit != "" || a.decimals > 0 }

// tolerance of numbers: 2 %, and the rounding of the shown digits.
const tolerance = 0.02

// near reports whether a is v within the tolerance.
func (a amount) near(v float64) bool {
	rounding := 0.5 * math.Pow10(-a.decimals)
	return math.Abs(a.value-v) <= math.Max(tolerance*math.Abs(v), math.Min(rounding, 0.5*math.Abs(v)))
}

// scales are the usual factors between a value and its base unit.
var scales = map[string][]float64{
	"ratio":   {1},
	"seconds": {1, 1e3, 1.0 / 60, 1.0 / 3600},
	"bytes":   {1, 1e-3, 1e-6, 1e-9, 1.0 / (1 << 10), 1.0 / (1 << 20), 1.0 / (1 << 30)},
}

// supports reports whether entry e has the number a.
func supports(e episode.Evidence, a amount) bool {
	if e.Value != nil && a.isOf(*e.Value, e.Unit) {
		return true
	}
	for _, stated := range amounts(e.Text + "\n" + e.Code) {
		if a.isPercent() == stated.isPercent() && a.near(stated.value) {
			return true
		}
	}
	return false
}

// isOf reports whether a writes a value in a unit.
func (a amount) isOf(value float64, unit string) bool {
	if a.isPercent() {
		return unit == "ratio" && a.near(value*100)
	}
	factors, known := scales[unit]
	if !known {
		factors = []float64{1}
	}
	for _, factor := range factors {
		if a.near(value * factor) {
			return true
		}
	}
	return false
}
