package evidence

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// The greatest length of a fact's subject and text, in characters. The name of a C++ frame
// can have thousands.
const (
	MaxSubject = 160
	MaxText    = 400
	// maxFrame is longer than the name of any frame that a person wrote: a frame's name is
	// never shortened, because it is looked for in profiles and sources.
	maxFrame = 1000
)

// Clean returns text from outside as one line of at most limit characters.
func Clean(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case r < ' ', r == 0x7f, r == 0xfffd, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069,
			r >= 0x200b && r <= 0x200f:
			return -1 // control characters, and marks that change how text is displayed
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}

// Bounds of code: lines, and characters of a line.
const (
	maxCodeLines = 100
	maxCodeLine  = 240
)

// CleanCode is Clean for each line of code. The indentation stays.
func CleanCode(code string) string {
	lines := strings.Split(code, "\n")
	lines = lines[:min(len(lines), maxCodeLines)]
	for i, line := range lines {
		text := strings.TrimLeft(line, " ")
		blanks := min(len(line)-len(text), maxCodeLine/2)
		lines[i] = strings.TrimRight(strings.Repeat(" ", blanks)+Clean(text, maxCodeLine), " ")
	}
	return strings.Join(lines, "\n")
}

// Cut is Clean for text that may hold a secret. What is too long is masked before it is cut:
// half of a secret is not recognised as one.
func Cut(text string, limit int) string {
	if len(text) > limit {
		text = redact.Secrets(text)
	}
	return Clean(text, limit)
}

// Percent formats a ratio as a percentage.
func Percent(ratio float64) string { return fmt.Sprintf("%.1f %%", ratio*100) }

// CleanOr returns the cleaned name, or the cleaned fallback if the name is empty.
func CleanOr(name, fallback string) string {
	if name = Clean(name, MaxSubject/2); name != "" {
		return name
	}
	return Clean(fallback, MaxSubject/2)
}

// Quantity formats a number with its unit, with four digits or as a whole number. Ratios
// become percentages, and bytes become KiB, MiB or GiB.
func Quantity(value float64, unit string) string {
	text := fmt.Sprintf("%.4g", value)
	if math.Abs(value) >= 1000 {
		text = strconv.FormatFloat(math.Round(value), 'f', 0, 64)
	}
	switch unit {
	case "ratio":
		return Percent(value)
	case "bytes":
		return size(value)
	case "":
		return text
	}
	return text + " " + unit
}

// size formats bytes in the largest unit in which the value is at least 1.
func size(bytes float64) string {
	for _, unit := range []struct {
		name string
		of   float64
	}{{"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}} {
		if math.Abs(bytes) >= unit.of {
			return fmt.Sprintf("%.1f %s", bytes/unit.of, unit.name)
		}
	}
	return fmt.Sprintf("%.0f bytes", bytes)
}
