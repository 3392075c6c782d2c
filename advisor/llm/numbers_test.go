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
