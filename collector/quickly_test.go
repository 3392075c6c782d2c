//go:build !race

package collector

import "time"

// quickly is how long a scrape may take. It is far below the time that a request to Flink may
// take, so it shows that no scrape waits for Flink, on a busy machine too.
const quickly = time.Second

// everyNth of the situations is simulated.
const everyNth = 1

// huge is a number of things that no cluster should have. It is above each limit.
const huge = 10_000
