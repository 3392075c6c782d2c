package profiler

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestJavaVersion(t *testing.T) {
	of := func(version string) answer {
		return answer{status: 200, body: []byte(`{"jvm": {"version": "` + version + `"}}`)}
	}
	asked := func(a answer) client {
		fake := newFakeFlink(t)
		fake.on("GET /jobmanager/environment", a)
		return client{fake.URL}
	}
	for text, want := range map[string]int{
		"OpenJDK 64-Bit Server VM - Debian - 17/17.0.15+6-Debian-1deb12u1": 17,
		"OpenJDK 64-Bit Server VM - Eclipse Adoptium - 21/21.0.4+7-LTS":    21,
		"OpenJDK 64-Bit Server VM - Temurin - 1.8/25.402-b06":              8,
	} {
		fake := asked(of(text))
		version, ok := JavaVersion(t.Context(), fake)
		require.True(t, ok, text)
		require.Equal(t, want, version)
		require.Equal(t, want < 21, WallIsSafe(t.Context(), fake), text)
	}
	for name, a := range map[string]answer{
		"none":      of("a JVM"),
		"HTML":      {status: 200, body: []byte("<html>")},
		"404":       {status: 404, body: of("- 17/17").body},
		"no answer": {status: 200, hangUp: true},
	} {
		fake := asked(a)
		_, ok := JavaVersion(t.Context(), fake)
		require.False(t, ok, name)
		require.False(t, WallIsSafe(t.Context(), fake), name)
	}
}
