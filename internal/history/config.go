package history

import (
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Config is the section "history" of the configuration.
type Config struct {
	// Path is the database file. Its directory must exist.
	Path string `yaml:"path"`
	// Retention is how long measurements are kept. Episodes and epochs are kept four
	// times as long. Open replaces 0 by the default.
	Retention model.Duration `yaml:"retention"`
	// MaxSize is how many bytes of the file may be in use: above it, the oldest measurements
	// are dropped, then the oldest episodes. 0 is no limit. The file itself keeps its size
	// until it is compacted, and new entries take the free room.
	MaxSize units.Base2Bytes `yaml:"max_size"`
}

// minMaxSize leaves room for what is never dropped.
const minMaxSize = 16 * units.MiB

// The bounds of the retention. The lower one protects a history from a wrong unit, and
// four times the upper one must still be a valid duration.
const (
	minRetention = model.Duration(time.Hour)
	maxRetention = model.Duration(20 * 365 * 24 * time.Hour)
)

// DefaultConfig is a file in the working directory and a retention of ninety days.
func DefaultConfig() Config {
	return Config{Path: "flink-sidecar.db", Retention: model.Duration(90 * 24 * time.Hour)}
}

// Validate returns what is wrong with the section. It does not open the file.
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
	if c.MaxSize != 0 && c.MaxSize < minMaxSize {
		faults.Add("max_size", "raise it, for example to 1GiB, or leave it out for no limit", "%s is below %s", c.MaxSize,
			minMaxSize)
	}
	return faults
}
