package api

// RoutesForTest returns the query parameters of each operation.
func RoutesForTest() map[string][]string {
	out := map[string][]string{}
	for _, r := range (&Handler{}).routes() {
		out[r.method+" "+r.path] = notNil(r.params)
	}
	return out
}

// MostProfilesForTest is how many profiles of an epoch are read.
const MostProfilesForTest = mostProfiles
