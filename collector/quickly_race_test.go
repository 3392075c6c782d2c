//go:build race

package collector

import "time"

// quickly is how long a scrape may take, which the race detector makes many times
// slower.
const quickly = 5 * time.Second

// everyNth of the situations is simulated.
const everyNth = 20

// huge is a number of things that no cluster should have.
const huge = 1_000
