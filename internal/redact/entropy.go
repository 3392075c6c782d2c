package redact

import (
	"math"
	"strings"
	"unicode"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
)

// longRun finds long runs of characters that occur in keys.
var longRun = lazyregexp.New(`[A-Za-z0-9+/_=-]{20,}`)

// ownID is the id of an episode or a profile: a ULID of the years 2004 to 2074.
var ownID = lazyregexp.New(`\b0[12][0-9A-HJKMNP-TV-Z]{24}\b`)

// The least length of a run that counts as a key or an id, in characters.
const (
	shortKey = 20 // of a run that looks very random
	longHex  = 24
	longKey  = 28
)

// Limits for the ratio of adjacent characters that differ in kind (upper, lower, digit,
// other). Base64 has about 0.65, hex 0.47, lower case with digits 0.40. Names in camel case
// have 0.33 or less.
const (
	mixedRatio = 0.45
	plainRatio = 0.33
)

// maskRuns masks a run if isKey accepts the run, or a part of it between slashes.
func maskRuns(text string, isKey func(run string) bool) string {
	return longRun().ReplaceAllStringFunc(text, func(run string) string {
		for piece := range strings.SplitSeq(run, "/") {
			if isKey(piece) {
				return Masked
			}
		}
		if joined := strings.ReplaceAll(run, "/", ""); len(joined) >= longKey &&
			changeRatio(joined) >= mixedRatio && isKey(joined) {
			return Masked
		}
		return run
	})
}

// isLongHex reports whether a run is an id of hex digits, with or without dashes.
func isLongHex(run string) bool {
	n := digits(run)
	return len(run) >= longHex && n >= 3 && n < len(run) && strings.Trim(strings.ToLower(run),
		"0123456789abcdef-") == ""
}

// looksRandom reports whether a run looks like a random key. It is false for hex digits,
// because the ids of Flink's jobs and operators are hex digits.
func looksRandom(run string) bool {
	run = strings.TrimRight(ownID().ReplaceAllString(run, ""), "=")
	if strings.HasPrefix(run, "_Z") {
		return false // a mangled C++ name
	}
	ratio, n := changeRatio(run), digits(run)
	switch {
	case len(run) < shortKey || strings.Trim(strings.ToLower(run), "0123456789abcdef-") == "":
		return false
	case ratio >= mixedRatio:
		return n >= 2 || len(run) >= longKey
	case len(run) >= longKey:
		return n >= 3 && ratio >= plainRatio
	}
	return false
}

func digits(s string) int {
	n := 0
	for _, r := range s {
		if unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// changeRatio is the ratio of adjacent characters that differ in kind, from 0 to 1.
func changeRatio(s string) float64 {
	changes, last := 0, -1
	for i := range len(s) {
		kind := 3
		switch c := s[i]; {
		case c >= 'A' && c <= 'Z':
			kind = 0
		case c >= 'a' && c <= 'z':
			kind = 1
		case c >= '0' && c <= '9':
			kind = 2
		}
		if last >= 0 && kind != last {
			changes++
		}
		last = kind
	}
	return float64(changes) / float64(max(1, len(s)-1))
}

// shannon is the entropy of a text in bits per character.
func shannon(s string) float64 {
	counts := map[rune]int{}
	total := 0
	for _, r := range s {
		counts[r]++
		total++
	}
	bits := 0.0
	for _, n := range counts {
		p := float64(n) / float64(total)
		bits -= p * math.Log2(p)
	}
	return bits
}
