package flink

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Settings are configuration values by their key, for example
// "execution.checkpointing.interval".
type Settings map[string]string

// UnmarshalJSON flattens a JSON object: the keys of nested objects are joined
// with dots, and whatever is not an object is kept as text.
func (s *Settings) UnmarshalJSON(text []byte) error {
	var object map[string]any
	if err := json.Unmarshal(text, &object); err != nil {
		return err
	}
	*s = Settings{}
	s.flatten("", object)
	return nil
}

func (s *Settings) flatten(prefix string, object map[string]any) {
	for key, value := range object {
		if nested, ok := value.(map[string]any); ok {
			s.flatten(prefix+key+".", nested)
			continue
		}
		(*s)[prefix+key] = fmt.Sprint(value)
	}
}

// Millis reads a setting that is a number of milliseconds. One too long for a
// [time.Duration] is the longest there is.
func (s Settings) Millis(key string) (d time.Duration, known bool) {
	n, err := strconv.ParseFloat(s[key], 64)
	if err != nil || math.IsNaN(n) {
		return 0, false
	}
	if n > math.MaxInt64/float64(time.Millisecond) {
		return math.MaxInt64, true
	}
	return time.Duration(n * float64(time.Millisecond)), true
}

// MetricsInterval returns the time after which Flink renews the metrics that it answers with:
// metrics.fetcher.update-interval, 10 s unless it is set. 0 means that it never renews them.
func (s Settings) MetricsInterval() (every time.Duration, known bool) {
	return duration(cmp.Or(s["metrics.fetcher.update-interval"], "10000"))
}

// duration reads Flink's times: "10000" is in milliseconds, "10 s" and "10s" have a unit.
func duration(text string) (d time.Duration, known bool) {
	text = strings.ReplaceAll(strings.Trim(text, `'"`), " ", "")
	if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
		return time.Duration(ms) * time.Millisecond, true
	}
	text = strings.Replace(text, "min", "m", 1)
	d, err := time.ParseDuration(text)
	return d, err == nil
}
