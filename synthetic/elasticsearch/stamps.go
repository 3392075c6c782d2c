package elasticsearch

import (
	"encoding/json"
	"strconv"
	"time"
)

// parseStamp reads a time as the job or an ingest pipeline writes it: epoch
// milliseconds, as number or text, or ISO 8601.
func parseStamp(value any) (time.Time, bool) {
	var text string
	switch v := value.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = v
	default:
		return time.Time{}, false
	}
	if ms, err := strconv.ParseFloat(text, 64); err == nil {
		return time.UnixMilli(int64(ms)), true
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}
