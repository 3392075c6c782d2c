package flame

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestModeOf(t *testing.T) {
	for _, test := range []struct {
		title, file string
		mode        Mode
	}{
		{"Allocation profile", "tm1_ITIMER_2026-11-22_18_50_45.html", Alloc},
		{"Lock profile", "", Lock},
		{"Wall clock profile", "x.html", Wall},
		{"CPU profile", "tm1_ITIMER_2026-11-22_18_50_45.html", ITIMER},
		{"CPU profile", "tm1_CPU_2026-11-22_18_50_45.html", CPU},
		{"CPU profile", "flink-2.3.0-tm-ITIMER.html", ITIMER},
		{"", "tm1_WALL_2026-11-22_18_50_45.html", Wall},
		{"", "/profiles/tm-LOCK/tm1-ALLOC.html", Alloc},
		{"", `C:\profiles\tm1-ALLOC.html`, Alloc},
		{"Flame Graph", "orders-LOCK.html", Lock},
		{"CPU profile", "my-WALL-tm_ITIMER_2026.html", ITIMER},
		{"CPU profile", "host_CPU_7_ITIMER_2026-11-22_18_50_45.html", ITIMER},
		{"CPU profile", "itimer.html", CPU},
		{"CPU profile", "tm-itimer.html", CPU},
		{"", "", CPU},
		{"CPU profile", "-", CPU},
	} {
		require.Equal(t, test.mode, ModeOf(test.title, test.file), "%q, %q", test.title, test.file)
	}
}

func TestParseMode(t *testing.T) {
	for _, mode := range Modes() {
		parsed, err := ParseMode(string(mode))
		require.NoError(t, err)
		require.Equal(t, mode, parsed)
	}
	parsed, err := ParseMode("wall")
	require.NoError(t, err)
	require.Equal(t, Wall, parsed)

	_, err = ParseMode("cycles")
	require.EqualError(t, err, `"cycles" is not a profiling mode (use ITIMER, CPU, ALLOC, LOCK or WALL)`)
}
