package source

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFrames(t *testing.T) {
	for frame, want := range map[string]string{
		"com/acme/Job.main":                          "com.acme Job main",
		"com.acme.Job$Enricher.processElement":       "com.acme Job/Enricher processElement",
		"com/acme/Job.lambda$main$0":                 "com.acme Job main",
		"com/acme/Job.lambda$new$3":                  "com.acme Job <init>",
		"com/acme/Job.lambda$static$1":               "com.acme Job <clinit>",
		"com/acme/Job$1.map":                         "com.acme Job/1 map",
		"com/acme/Job.<init>":                        "com.acme Job <init>",
		"com/acme/JobKt.main$lambda$1$lambda$0":      "com.acme JobKt main",
		"com/acme/Job$map$1.invoke":                  "com.acme Job/map/1 invoke",
		"com/acme/Job$.main":                         "com.acme Job main",
		"com/acme/Job$.$anonfun$main$1":              "com.acme Job main",
		"com/acme/Job$$anonfun$main$1.apply":         "com.acme Job/anonfun/main/1 apply",
		"Job.run":                                    " Job run",
		"com/acme/Job$$Lambda$14/0x000.apply":        "none",
		"com/acme/Job.access$000":                    "none",
		"Unsafe_Park":                                "none",
		"os::javaTimeNanos()":                        "none",
		"G1ParScanThreadState::trim_queue(unsigned)": "none",
		"[unknown]":                                  "none",
		"":                                           "none",
		"$.x":                                        "none",
	} {
		got, ok := parseFrame(frame)
		text := "none"
		if ok {
			text = got.pkg + " " + strings.Join(got.types, "/") + " " + got.method
		}
		require.Equal(t, want, text, frame)
	}
}

// TestNamesWithoutTheirParts: a class without a package, and a frame without a class.
func TestNamesWithoutTheirParts(t *testing.T) {
	got, ok := parseFrame("A.run")
	require.True(t, ok)
	require.Equal(t, target{types: []string{"A"}, method: "run"}, got)
	got, ok = parseFrame(".A.run")
	require.True(t, ok)
	require.Equal(t, target{types: []string{"A"}, method: "run"}, got)
	for _, frame := range []string{"run", ".run", "A.", "$.run", "", "."} {
		_, ok = parseFrame(frame)
		require.False(t, ok, frame)
	}
}
