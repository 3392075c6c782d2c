package history

import (
	"cmp"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"
	"github.com/robfig/cron/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Config is the section "history" of the configuration.
type Config struct {
	// Path is the database file. Its directory must exist.
	Path string `yaml:"path"`
	// Retention is how long measurements are kept. Episodes and epochs are kept four
	// times as long. Open replaces 0 by the default.
	Retention model.Duration `yaml:"retention"`
	// MaxSize is how many bytes of the file may be in use: above it, the oldest entries
	// of the largest kind are dropped: measurements, declined alerts, episodes that are done,
	// evaluations or scale tests. 0 is no limit. The file itself keeps its size
	// until it is compacted, and new entries take the free room.
	MaxSize units.Base2Bytes `yaml:"max_size"`
	// MaxMeasurements and MaxEpisodes are how many are kept: above them the oldest are dropped,
	// except unfinished episodes. 0 is no limit.
	MaxMeasurements int `yaml:"max_measurements"`
	MaxEpisodes     int `yaml:"max_episodes"`
	// Backup copies the history on a schedule; nil copies it on request only.
	Backup *BackupConfig `yaml:"backup"`
}

// BackupConfig is the section "history.backup".
type BackupConfig struct {
	// Directory is where the copies are. It must exist, and should be on another volume.
	Directory string `yaml:"directory"`
	// Schedule is when a copy is made: five fields as of cron, in the local time zone, or
	// "@every 6h", "@daily" and so on. Empty is daily.
	Schedule string `yaml:"schedule"`
	// Keep is how many copies stay; 0 is 7.
	Keep int `yaml:"keep"`
}

// The defaults of the section.
const (
	defaultSchedule = "@daily"
	defaultKeep     = 7
)

// Kept is how many copies stay.
func (c BackupConfig) Kept() int { return cmp.Or(c.Keep, defaultKeep) }

// Times are the times at which a copy is made. The error is about the schedule.
func (c BackupConfig) Times() (cron.Schedule, error) {
	return cron.ParseStandard(cmp.Or(c.Schedule, defaultSchedule))
}

// validate returns what is wrong with the section. It does not look at the directory.
func (c BackupConfig) validate() setting.Faults {
	var faults setting.Faults
	if c.Directory == "" {
		faults.Add("directory", "name a directory on another volume", "is empty")
	}
	times, err := c.Times()
	switch {
	case err != nil:
		faults.Add("schedule", `write five fields, for example "0 3 * * *", or "@every 6h"`, "%q is no schedule: %v", c.Schedule, err)
	case times.Next(time.Now()).IsZero():
		faults.Add("schedule", "name a day that there is", "%q never comes", c.Schedule)
	case tooOften(times):
		faults.Add("schedule", `copy less often, for example "@every 6h"`, "%q is more often than every %s", c.Schedule, minBetween)
	}
	if c.Keep < 0 {
		faults.Add("keep", "keep at least 1, or leave it out for 7", "%d is below 0", c.Keep)
	}
	return faults
}

// minBetween is the shortest time between two copies: each reads the whole history.
const minBetween = time.Minute

// tooOften looks at the next times of a schedule.
func tooOften(times cron.Schedule) bool {
	at := times.Next(time.Now())
	for range 10 {
		next := times.Next(at)
		if next.Sub(at) < minBetween {
			return !next.IsZero()
		}
		at = next
	}
	return false
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
	for _, n := range []struct {
		key   string
		value int
	}{{"max_measurements", c.MaxMeasurements}, {"max_episodes", c.MaxEpisodes}} {
		if n.value < 0 {
			faults.Add(n.key, "leave it out for no limit", "%d is below 0", n.value)
		}
	}
	if c.Backup != nil {
		faults = append(faults, c.Backup.validate().Under("backup")...)
	}
	return faults
}
