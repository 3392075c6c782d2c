package routes_test

import (
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var update = flag.Bool("update", false, "write testdata/openapi.golden anew")

// TestOpenAPIKeepsItsNames holds every path, method, schema and property of the
// description. A new one is recorded with -update; one that is gone breaks clients.
func TestOpenAPIKeepsItsNames(t *testing.T) {
	const golden = "testdata/openapi.golden"
	names := strings.Join(readDescription(t).names(), "\n") + "\n"
	if *update {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, []byte(names), 0o644))
	}
	want, err := os.ReadFile(golden)
	require.NoError(t, err)
	require.Equal(t, string(want), names)
}

// names lists the paths with their methods, and the schemas with their properties.
func (d description) names() (out []string) {
	for _, path := range slices.Sorted(maps.Keys(d.Paths)) {
		for _, method := range slices.Sorted(maps.Keys(d.Paths[path])) {
			out = append(out, "path "+path+" "+method)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.Components.Schemas)) {
		out = append(out, d.Components.Schemas[name].names("schema "+name)...)
	}
	return out
}

// names lists a schema at a place and every property below it. References are not
// followed: what they name is listed by itself.
func (s schema) names(at string) []string {
	out := []string{at}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		out = append(out, s.Properties[name].names(at+"."+name)...)
	}
	if s.Items != nil {
		out = append(out, s.Items.names(at + "[]")[1:]...)
	}
	for _, part := range slices.Concat(s.AnyOf, s.AllOf) {
		out = append(out, part.names(at)[1:]...)
	}
	if s.AdditionalProperties != nil {
		out = append(out, s.AdditionalProperties.names(at + ".*")[1:]...)
	}
	return out
}
