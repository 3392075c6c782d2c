package history

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Config is the section "history" of the configuration.
type Config struct {
	// Path is the database file. Its directory must exist.
	Path string `yaml:"path"`
	// Retention is how long measurements are kept; episodes and epochs are kept
	// four times as long. Open takes 0 for the default.
	Retention model.Duration `yaml:"retention"`
}

// The bounds of the retention: a slip of the unit must not empty a history, and
// four times the longest must be a duration.
const (
	minRetention = model.Duration(time.Hour)
	maxRetention = model.Duration(20 * 365 * 24 * time.Hour)
)

// DefaultConfig is a file in the working directory and ninety days.
func DefaultConfig() Config {
	return Config{Path: "flink-sidecar.db", Retention: model.Duration(90 * 24 * time.Hour)}
}

// Validate returns what is wrong with the section. It doesn't touch the file.
func (c Config) Validate() setting.Faults {
	var faults setting.Faults
	if c.Path == "" {
		faults.Add("path", "name the database file, or leave the key out for flink-sidecar.db", "is empty")
	}
	if c.Retention < minRetention {
		faults.Add("retention", "raise it, for example to 90d", "%s is below %s", c.Retention, minRetention)
	}
	if c.Retention > maxRetention {
		faults.Add("retention", "lower it, for example to 1y", "%s is above %s", c.Retention, maxRetention)
	}
	return faults
}
