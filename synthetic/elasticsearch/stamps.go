package elasticsearch

import (
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// stampsOf reads the times that the job and an ingest pipeline wrote. The error names
// those that are missing or unreadable.
func (s *sink) stampsOf(doc document) (map[string]time.Time, error) {
	stamps := map[string]time.Time{}
	var err error
	for hop, field := range s.hops.stampFields(&s.fields) {
		values := doc.values(field)
		if len(values) == 0 {
			err = fmt.Errorf(
				"elasticsearch: documents of index %q have no field %q, so the hop %s is not measured (correct "+
					"sinks[name=%s].elasticsearch.%s)",
				s.fields.Index, field, hop, s.watch.Sink(), s.hops.setting(hop))
			continue
		}
		at, ok := parseStamp(values[0])
		if !ok {
			err = fmt.Errorf(
				"elasticsearch: field %q of index %q holds %q, which is not a time, so the hop %s is not measured "+
					"(write milliseconds since 1970 or ISO 8601)",
				field, s.fields.Index, bounded(fmt.Sprint(values[0])), hop)
			continue
		}
		stamps[hop] = at
	}
	return stamps, err
}

// stampLayouts are the forms of ISO 8601. A time without a zone is UTC, as in
// Elasticsearch. Go accepts fractions of a second in all of them.
var stampLayouts = []string{
	"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05Z07", "2006-01-02T15:04:05",
	"2006-01-02T15:04Z07:00", "2006-01-02T15:04", // Java omits seconds that are zero
	"20060102T150405Z0700", "20060102T150405",
}

// parseStamp reads a time in the forms of jobs and ingest pipelines: a number or text
// of seconds, milliseconds, microseconds or nanoseconds since 1970, or ISO 8601.
func parseStamp(value any) (time.Time, bool) {
	var text string
	switch v := value.(type) {
	case json.Number:
		text = v.String()
	case string:
		text = strings.Trim(v, " \"") // some writers quote twice
	default:
		return time.Time{}, false
	}
	if number, err := strconv.ParseFloat(text, 64); err == nil {
		return sinceEpoch(text, number)
	}
	text = tidy(text)
	for _, layout := range stampLayouts {
		if at, err := time.Parse(layout, text); err == nil {
			return at, true
		}
	}
	return time.Time{}, false
}

// offsetAndZ matches a duplicate zone.
var offsetAndZ = regexp.MustCompile(`[+-]\d\d:?\d\dZ$`)

// tidy removes common deviations from ISO 8601: a blank for the T or before the zone,
// the name of the zone after its offset (Java: …Z[UTC]), and a Z after an offset.
func tidy(text string) string {
	text, _, _ = strings.Cut(text, "[")
	if len(text) > len(time.DateOnly) && text[len(time.DateOnly)] == ' ' {
		date, clock := text[:len(time.DateOnly)], text[len(time.DateOnly)+1:]
		text = date + "T" + strings.Replace(clock, " ", "", 1)
	}
	if offsetAndZ.MatchString(text) {
		text = strings.TrimSuffix(text, "Z")
	}
	return text
}

// sinceEpoch derives the unit from the size of a number. The ranges of the units do not
// overlap: each covers the years 1973 to 5138.
func sinceEpoch(text string, number float64) (time.Time, bool) {
	unit := time.Nanosecond
	switch size := math.Abs(number); {
	case math.IsNaN(number) || size >= 1e20:
		return time.Time{}, false
	case size < 1e11:
		unit = time.Second
	case size < 1e14:
		unit = time.Millisecond
	case size < 1e17:
		unit = time.Microsecond
	}
	if whole, err := strconv.ParseInt(text, 10, 64); err == nil {
		perSecond := int64(time.Second / unit)
		return time.Unix(whole/perSecond, whole%perSecond*int64(unit)), true
	}
	seconds, fraction := math.Modf(number * unit.Seconds())
	return time.Unix(int64(seconds), int64(math.Round(fraction*1e9))), true
}
