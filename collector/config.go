package collector

import (
	"fmt"
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// minInterval is the shortest time between polls. Flink refreshes its metrics
// every ten seconds at most, so polling faster shows nothing new.
const minInterval = 5 * time.Second

// Config says how often and in how much detail Flink is read.
type Config struct {
	// PollInterval is the time from one poll to the next, at least 5s. A value
	// is withdrawn when it is older than three intervals.
	PollInterval model.Duration `yaml:"poll_interval"`
	// TaskManagerDetails is how many TaskManagers are shown one by one; the others count
	// only in the sums over all.
	TaskManagerDetails int `yaml:"taskmanager_details"`
	// UserMetrics are rules for metrics that jobs register themselves; the first rule
	// that matches a name decides. Without rules none is exported.
	UserMetrics []metricnames.UserMetric `yaml:"user_metrics"`
	// MaxSeries bounds the series of a cluster; those beyond it are dropped and
	// counted.
	MaxSeries int `yaml:"max_series"`
	// MaxUserSeries bounds the series of user metrics of a cluster in the same way.
	MaxUserSeries int `yaml:"max_user_series"`
}

// DefaultConfig returns a valid configuration.
func DefaultConfig() Config {
	return Config{
		PollInterval:       model.Duration(15 * time.Second),
		TaskManagerDetails: 20,
		MaxSeries:          50_000, // a cluster of a thousand vertices has about as many
		MaxUserSeries:      5_000,
	}
}

// Validate returns what is wrong with the configuration.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	if time.Duration(c.PollInterval) < minInterval {
		faults.Add("poll_interval", "raise it; Flink refreshes its metrics every 10s", "%s is below 5s",
			c.PollInterval)
	}
	if c.TaskManagerDetails < 0 {
		faults.Add("taskmanager_details", "0 shows none one by one", "%d is negative", c.TaskManagerDetails)
	}
	if c.MaxSeries < 1 {
		faults.Add("max_series", "50000 is enough for a thousand vertices", "%d leaves no room", c.MaxSeries)
	}
	if c.MaxUserSeries < 0 {
		faults.Add("max_user_series", "0 exports none", "%d is negative", c.MaxUserSeries)
	}
	for i := range c.UserMetrics {
		faults = append(faults, c.UserMetrics[i].Validate().Under(fmt.Sprintf("user_metrics[%d]", i))...)
	}
	return faults
}
