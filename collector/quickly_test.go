//go:build !race

package collector

import "time"

// quickly is how long a scrape may take.
const quickly = 250 * time.Millisecond
