package routes

import (
	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

// RoutesForTest returns the query parameters of each operation.
func RoutesForTest() map[string][]string {
	out := map[string][]string{}
	for _, r := range (&Handler{}).routes() {
		out[r.method+" "+r.path] = api.NotNil(r.params)
	}
	return out
}

// MostProfilesForTest is how many profiles of an epoch are read.
const MostProfilesForTest = mostProfiles
