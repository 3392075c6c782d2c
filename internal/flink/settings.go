package flink

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
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
