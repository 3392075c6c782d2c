package llm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func TestAmounts(t *testing.T) {
	for text, want := range map[string][]amount{
		"41.2 % of 1,640 samples in 30s": {{41.2, 1, "%"}, {1640, 0, "samples"}, {30, 0, "s"}},
		"2.5x faster, 3 times":           {{2.5, 1, "x"}, {3, 0, "times"}},
		"E12, tm-3, log4j2 and UTF-8":    nil,
		"Java 17 and Flink 2.3":          {{17, 0, ""}, {2.3, 1, ""}},
		"set it to 5000.":                {{5000, 0, ""}},
	} {
		require.Equal(t, want, amounts(text), text)
	}
}

func TestSupports(t *testing.T) {
	ratio := episode.Evidence{Value: new(0.412), Unit: "ratio", Text: "676 of 1640 samples (41.2 %)"}
	seconds := episode.Evidence{Value: new(0.25), Unit: "seconds"}
	bytes := episode.Evidence{Value: new(3 * 1048576.0), Unit: "bytes"}
	for _, tc := range []struct {
		entry episode.Evidence
		said  string
		holds bool
	}{
		{ratio, "41.2 %", true},
		{ratio, "41 %", true},
		{ratio, "40.5 %", true}, // within two in a hundred
		{ratio, "39 %", false},
		{ratio, "50 %", false},
		{ratio, "0.41 of it", true},
		{ratio, "676 samples", true},
		{ratio, "676 %", false},
		{ratio, "0.412 %", false},
		{seconds, "250 ms", true},
		{seconds, "0.25 s", true},
		{seconds, "2.5 s", false},
		{bytes, "3 MiB", true},
		{bytes, "3.1 MB", true},
		{bytes, "4 MiB", false},
	} {
		found := amounts(tc.said)
		require.Len(t, found, 1, tc.said)
		require.Equal(t, tc.holds, supports(tc.entry, found[0]), tc.said)
	}
}

func TestPlainWholeNumbersAreNotChecked(t *testing.T) {
	require.False(t, amounts("use 12 fields")[0].checkable())
	require.True(t, amounts("takes 0.5 of it")[0].checkable())
	require.True(t, amounts("takes 12 %")[0].checkable())
}

// TestNearTheTruth: two in a hundred, or half of the last digit that is shown, but never more than
// half of the value.
func TestNearTheTruth(t *testing.T) {
	for _, tc := range []struct {
		said string
		v    float64
		near bool
	}{
		{"102 s", 100, true},
		{"102.1 s", 100, false},
		{"98 s", 100, true},
		{"97.9 s", 100, false},
		{"3 s", 3.4, true},
		{"3 s", 3.6, false},
		{"3.4 s", 3.44, true},
		{"3.3 s", 3.44, false},
		{"1 s", 0.6, false},
		{"1 s", 0.7, true},
		{"0 s", 0.4, false},
		{"0.0 s", 0.04, false},
		{"0 s", 0, true},
	} {
		found := amounts(tc.said)
		require.Len(t, found, 1, tc.said)
		require.Equal(t, tc.near, found[0].near(tc.v), "%s for %g", tc.said, tc.v)
	}
}

// TestScalesOfUnits has each factor of a unit, and one that is none.
func TestScalesOfUnits(t *testing.T) {
	for _, tc := range []struct {
		value float64
		unit  string
		said  string
		holds bool
	}{
		{7200, "seconds", "7200 s", true},
		{7.2, "seconds", "7200 ms", true},
		{7200, "seconds", "120 min", true},
		{7200, "seconds", "2 h", true},
		{7200, "seconds", "72 s", false},
		{5e9, "bytes", "5000000000 bytes", true},
		{5e9, "bytes", "5000000 kB", true},
		{5e9, "bytes", "5000 MB", true},
		{5e9, "bytes", "5 GB", true},
		{3 << 30, "bytes", "3 GiB", true},
		{3 << 20, "bytes", "3 MiB", true},
		{3 << 10, "bytes", "3 KiB", true},
		{3 << 30, "bytes", "3.00 GiB", true}, // more digits tell it from 3.22 GB
		{3 << 20, "bytes", "3.00 MiB", true},
		{3 << 10, "bytes", "3.00 KiB", true},
		{3 << 30, "bytes", "3.10 GiB", false},
		{5e9, "bytes", "50 GB", false},
		{0.25, "ratio", "0.25 s", true},
		{0.25, "ratio", "25 %", true},
		{0.25, "ratio", "25 s", false},
		{25, "records", "25 records", true},
		{25, "records", "25 %", false},
		{25, "records", "2500 records", false},
	} {
		found := amounts(tc.said)
		require.Len(t, found, 1, tc.said)
		require.Equal(t, tc.holds, found[0].isOf(tc.value, tc.unit), "%s for %g %s", tc.said, tc.value, tc.unit)
	}
}
