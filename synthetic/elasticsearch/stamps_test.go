package elasticsearch

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseStamp(t *testing.T) {
	at := time.UnixMilli(1_700_000_000_123).UTC()
	for _, tc := range []struct {
		name  string
		value any
		want  time.Time
	}{
		{"milliseconds", json.Number("1700000000123"), at},
		{"milliseconds as text", "1700000000123", at},
		{"milliseconds as Java prints a double", json.Number("1.700000000123E12"), at},
		{"seconds", json.Number("1700000000"), at.Truncate(time.Second)},
		{"decimal seconds", json.Number("1700000000.123"), at},
		{"decimal seconds as text", "1700000000.123", at},
		{"microseconds", json.Number("1700000000123000"), at},
		{"nanoseconds since 1970", json.Number("1700000000123000000"), at},
		{"ISO 8601", "2023-11-14T22:13:20.123Z", at},
		{"with an offset", "2023-11-14T23:13:20.123+01:00", at},
		{"with an offset without a colon", "2023-11-14T22:13:20.123+0000", at},
		{"with an offset of hours", "2023-11-14T23:13:20.123+01", at},
		{"without a zone", "2023-11-14T22:13:20.123", at},
		{"with a blank", "2023-11-14 22:13:20.123", at},
		{"with a blank and an offset", "2023-11-14 23:13:20.123+0100", at},
		{"with two blanks", "2023-11-14 23:13:20.123 +0100", at},
		{"with a comma", "2023-11-14T22:13:20,123Z", at},
		{"nine digits", "2023-11-14T22:13:20.123000000Z", at},
		{"Java's ZonedDateTime", "2023-11-14T23:13:20.123+01:00[Europe/Berlin]", at},
		{"Java's OffsetDateTime on the minute", "2023-11-14T22:13Z", at.Truncate(time.Minute)},
		{"an offset and Z", "2023-11-14T22:13:20.123000+00:00Z", at},
		{"quoted twice", `"2023-11-14 22:13:20.123"`, at},
		{"milliseconds with a fraction, as text", "1700000000123.000123", at},
		{"basic format", "20231114T221320.123Z", at},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, ok := parseStamp(tc.value)
			require.True(t, ok)
			require.WithinDuration(t, tc.want, got, time.Microsecond)
		})
	}
	for _, value := range []any{
		"yesterday", "", nil, true, "NaN", "Inf", json.Number("1e300"), []any{"2023-11-14T22:13:20.123Z"},
	} {
		_, ok := parseStamp(value)
		require.False(t, ok, "%v", value)
	}
}
