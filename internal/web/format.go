package web

import (
	"fmt"
	"html/template"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// unknown stands for every value that is not known. The template sets it in a
// style of its own.
const unknown = "unknown"

// functions are the functions of the templates.
func functions() template.FuncMap {
	return template.FuncMap{
		"rate": rate, "count": count, "whole": whole[int], "whole64": whole[int64], "number": number,
		"seconds": seconds, "length": length, "bytes": bytesOf, "percent": percent, "known": known, "upDown": upDown,
		"moment": moment,
		"stamp":  stamp,
		"line":   line, "prose": prose, "ratio": ratio, "room": room, "mood": mood, "plural": plural[int],
		"changeOr": changeOr,
		"clock":    clock, "minute": minute, "addresses": addresses,
		"share": func(kind string, s *api.Share) map[string]any { return map[string]any{"kind": kind, "share": s} },
	}
}

// known replaces a missing text.
func known(text string) string {
	if text == "" {
		return unknown
	}
	return text
}

// upDown is the state of a target in a word.
func upDown(up *bool) string {
	switch {
	case up == nil:
		return unknown
	case *up:
		return "up"
	}
	return "down"
}

// addresses splits the addresses of a target, so that none is broken over two lines.
func addresses(list string) []string { return strings.Split(list, ", ") }

// rate is a number per second.
func rate(v *float64) string {
	if count(v) == unknown {
		return unknown
	}
	return number(*v) + "/s"
}

// room is by how much the input can grow, as a ratio.
func room(v float64) string {
	if number(100*v) == unknown {
		return unknown
	}
	if v < 0 {
		return number(math.Round(-100*v)) + " % short"
	}
	return "+" + number(math.Round(100*v)) + " %"
}

// count is a number that may be missing.
func count(v *float64) string {
	if v == nil {
		return unknown
	}
	return number(*v)
}

// number has as many digits as a reader needs at a glance.
func number(v float64) string {
	switch size := math.Abs(v); {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return unknown
	case size >= 100, v == math.Trunc(v):
		return group(strconv.FormatFloat(v, 'f', 0, 64))
	case size >= 10:
		return strconv.FormatFloat(v, 'f', 1, 64)
	default:
		return strconv.FormatFloat(v, 'g', 2, 64)
	}
}

func whole[N int | int64](n N) string { return group(strconv.FormatInt(int64(n), 10)) }

// group puts a comma after every three digits.
func group(digits string) string {
	rest, sign := strings.CutPrefix(digits, "-")
	for i := len(rest) - 3; i > 0; i -= 3 {
		rest = rest[:i] + "," + rest[i:]
	}
	if sign {
		return "-" + rest
	}
	return rest
}

// seconds is a latency or another short time.
func seconds(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return unknown
	case v < 0.0995:
		return strconv.FormatFloat(v*1000, 'g', 2, 64) + " ms"
	case v < 0.9995:
		return strconv.FormatFloat(v*1000, 'f', 0, 64) + " ms"
	case v < 99.5:
		return strconv.FormatFloat(v, 'g', 3, 64) + " s"
	default:
		return length(v)
	}
}

// length is a long time, in its two largest units.
func length(v float64) string {
	if math.IsNaN(v) || v < 0 || v > math.MaxInt32 {
		return unknown
	}
	return plaintext.Span(time.Duration(v * float64(time.Second)))
}

// bytesOf is a size.
func bytesOf(v float64) string {
	if number(v) == unknown {
		return unknown
	}
	units := []string{"B", "KiB", "MiB", "GiB", "TiB", "PiB"}
	for len(units) > 1 && math.Abs(v) >= 1023.5 {
		v, units = v/1024, units[1:]
	}
	return number(v) + " " + units[0]
}

// percent is a share of time: the mean, and the busiest subtask where it differs.
func percent(s *api.Share) string {
	if s == nil {
		return unknown
	}
	mean, highest := math.Round(s.Mean*100), math.Round(s.Max*100)
	if mean == highest {
		return fmt.Sprintf("%.0f %%", mean)
	}
	return fmt.Sprintf("%.0f %% (max %.0f %%)", mean, highest)
}

// ratio writes a share, with one decimal where that matters.
func ratio(v float64) string {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return unknown
	}
	return digits(v*100) + " %"
}

// digits has one decimal below ten, unless it is a zero.
func digits(v float64) string {
	if math.Round(v*10) >= 100 {
		return group(strconv.FormatFloat(v, 'f', 0, 64))
	}
	return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0")
}

// plural counts things.
func plural[N int | int64](n N, what string) string {
	switch n {
	case 0:
		return "no " + what + "s"
	case 1:
		return "1 " + what
	}
	return whole(n) + " " + what + "s"
}

// stamp is a time in RFC 3339, for programs and tooltips.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// clock is the time of day, where the date is clear.
func clock(t time.Time) string { return t.UTC().Format("15:04:05") }

// minute is the time of day to the minute.
func minute(t time.Time) string { return t.UTC().Format("15:04") }

// How many characters of a text from outside are shown: of a name or a sentence,
// and of a paragraph.
const (
	maxLine  = 300
	maxProse = 3000
)

func line(text string) string { return clip(text, maxLine) }

func prose(text string) string { return clip(text, maxProse) }

// clip bounds a text and makes visible the characters that are invisible or change the
// direction of the text.
func clip(text string, limit int) string {
	runes := []rune(strings.ToValidUTF8(text[:min(len(text), utf8.UTFMax*limit)], ""))
	if len(runes) > limit || len(text) > utf8.UTFMax*limit {
		runes = append(runes[:min(len(runes), limit-1)], '…')
	}
	for i, r := range runes {
		if unicode.IsControl(r) && !unicode.IsSpace(r) || unicode.Is(unicode.Bidi_Control, r) {
			runes[i] = unicode.ReplacementChar
		}
	}
	return string(runes)
}
