package flink

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// number is a JSON number as Flink writes it: plain, or as a string, which may be "NaN".
// Any input that is not a finite number becomes NaN, which callers treat as absent.
type number float64

// UnmarshalJSON implements json.Unmarshaler; no input is an error.
func (n *number) UnmarshalJSON(text []byte) error {
	f, err := strconv.ParseFloat(strings.Trim(string(text), `"`), 64)
	if err != nil || math.IsInf(f, 0) {
		f = math.NaN()
	}
	*n = number(f)
	return nil
}

// finite returns the number unless it is NaN.
func (n number) finite() (float64, bool) {
	f := float64(n)
	return f, !math.IsNaN(f)
}

// when returns the number if it is known and complete, otherwise nil.
func (n number) when(complete bool) *float64 {
	f, ok := n.finite()
	if !ok || !complete {
		return nil
	}
	return &f
}

// Millis is a point in time or a duration in milliseconds, as Flink writes it. Flink
// writes -1 or 0 for a time that has not come.
type Millis int64

// Time is the point in time; the zero Time if there is none.
func (m Millis) Time() time.Time {
	if m <= 0 {
		return time.Time{}
	}
	return time.UnixMilli(int64(m))
}

// Span is the duration; none if Flink has not measured it.
func (m Millis) Span() time.Duration { return max(0, time.Duration(m)) * time.Millisecond }
