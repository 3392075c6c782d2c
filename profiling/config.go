package profiling

import (
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/flame"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
	"github.com/flink-sidecar/flink-sidecar/profiling/pyroscope"
)

// Config says when automatic profiles are taken, and which.
type Config struct {
	// OnAlert is true if an alert triggers a profile. Flink's own rest.profiling.enabled
	// is the operator's consent to the load.
	OnAlert bool `yaml:"on_alert"`
	// Modes are the permitted modes. The symptom of the alert selects among them and
	// orders them; a request of a person gets all.
	Modes []flame.Mode `yaml:"modes"`
	// AllowWall permits WALL profiles also on a version of Java where they are known to
	// end JVMs, or where the version is unknown.
	AllowWall bool `yaml:"allow_wall"`
	// Control takes one more profile where the load of a vertex is uneven: of a
	// TaskManager with typical load, to compare with.
	Control bool `yaml:"control"`
	// Duration of one profile, in whole seconds.
	Duration model.Duration `yaml:"duration"`
	// CoolDown is the least time between two automatic profiles of a vertex.
	CoolDown model.Duration `yaml:"cooldown"`
	// PerDay is how many profiles are taken within any 24 hours.
	PerDay int `yaml:"per_day"`
	// Keep is how long pages are kept, 0 means for ever. KeepSize bounds the size of all
	// their files, compressed; beyond it the oldest are removed. 0 means no bound.
	Keep     model.Duration   `yaml:"keep"`
	KeepSize units.Base2Bytes `yaml:"keep_size"`
	// Pyroscope is a server that also receives each profile; nil means none.
	Pyroscope *pyroscope.Config `yaml:"pyroscope"`
}

// DefaultConfig returns one ITIMER profile of 30 s for an alert, at most every half
// hour for a vertex and twelve times a day: a quarter of a percent of the time.
func DefaultConfig() Config {
	return Config{
		OnAlert:  true,
		Modes:    []flame.Mode{flame.ITIMER},
		Duration: model.Duration(30 * time.Second),
		CoolDown: model.Duration(30 * time.Minute),
		PerDay:   12,
		Keep:     model.Duration(30 * day),
		KeepSize: units.GiB,
	}
}

// Validate returns what is wrong with the configuration.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	if len(c.Modes) == 0 {
		faults.Add("modes", "name at least ITIMER, or set on_alert: false", "no mode")
	}
	for _, mode := range c.Modes {
		if known, err := flame.ParseMode(string(mode)); err != nil || known != mode {
			faults.Add("modes", "use ITIMER, CPU, ALLOC, LOCK or WALL", "%q is not a profiling mode", mode)
		}
	}
	duration := time.Duration(c.Duration)
	switch {
	case duration < time.Second:
		faults.Add("duration", "raise it", "%s is below 1s", duration)
	case duration > 5*time.Minute:
		faults.Add("duration", "lower it: Flink's rest.profiling.duration-max is 5 min by default", "%s is above 5m",
			duration)
	case duration%time.Second != 0:
		faults.Add("duration", "Flink takes whole seconds", "%s has a part of a second", duration)
	}
	if cooldown := time.Duration(c.CoolDown); cooldown < 0 || cooldown > day {
		faults.Add("cooldown", "use 0s for none and at most 1d", "%s is out of range", cooldown)
	}
	if c.PerDay < 0 {
		faults.Add("per_day", "use 0 for none", "%d is negative", c.PerDay)
	}
	if keep := time.Duration(c.Keep); keep < 0 || keep > 0 && keep < pagestore.Fresh {
		faults.Add("keep", "use 0s to keep pages for ever, and at least 1h", "%s is out of range", keep)
	}
	if c.KeepSize < 0 {
		faults.Add("keep_size", "use 0B for no bound", "%s is negative", c.KeepSize)
	}
	if c.Pyroscope != nil {
		faults = append(faults, c.Pyroscope.Validate().Under("pyroscope")...)
	}
	return faults
}
