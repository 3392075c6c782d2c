package collector

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// minInterval is the shortest time between polls. Flink refreshes its metrics
// every ten seconds at most, so polling faster shows nothing new.
const minInterval = 5 * time.Second

// Config says how often and how closely Flink is looked at.
type Config struct {
	// PollInterval is the time from one poll to the next, at least 5s. A value
	// is withdrawn when it is older than three intervals.
	PollInterval model.Duration `yaml:"poll_interval"`
	// TaskManagerDetails is how many TaskManagers are shown one by one; the
	// others count only in the sums over all.
	TaskManagerDetails int `yaml:"taskmanager_details"`
}

// DefaultConfig returns a valid configuration.
func DefaultConfig() Config {
	return Config{PollInterval: model.Duration(15 * time.Second), TaskManagerDetails: 20}
}

// Validate returns what is wrong with the configuration.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	if time.Duration(c.PollInterval) < minInterval {
		faults.Add("poll_interval", "raise it; Flink refreshes its metrics every 10s", "%s is below 5s", c.PollInterval)
	}
	if c.TaskManagerDetails < 0 {
		faults.Add("taskmanager_details", "0 shows none one by one", "%d is negative", c.TaskManagerDetails)
	}
	return faults
}
