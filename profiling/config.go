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

// Config says when profiles are taken without anyone's asking, and which.
type Config struct {
	// OnAlert is whether an alert has a profile taken. Flink's own
	// rest.profiling.enabled is the operator's consent to the load.
	OnAlert bool `yaml:"on_alert"`
	// Modes are those that may be taken. Which of them are, and in which order, is
	// what the alert's symptom asks for; a person gets all.
	Modes []flame.Mode `yaml:"modes"`
	// AllowWall takes WALL profiles also where that is known to have ended JVMs, or
	// where it is not known that it has not.
	AllowWall bool `yaml:"allow_wall"`
	// Control takes, where the load of a vertex is uneven, one more profile: of a
	// TaskManager whose load is usual, to compare with.
	Control bool `yaml:"control"`
	// Duration of one profile, in whole seconds.
	Duration model.Duration `yaml:"duration"`
	// CoolDown is how long a vertex is left alone after a profile.
	CoolDown model.Duration `yaml:"cooldown"`
	// PerDay is how many profiles are taken within any 24 hours.
	PerDay int `yaml:"per_day"`
	// Keep is for how long pages are kept, 0 for ever. KeepSize bounds the size of
	// all their files, compressed; beyond it the oldest go. 0 is no bound.
	Keep     model.Duration   `yaml:"keep"`
	KeepSize units.Base2Bytes `yaml:"keep_size"`
	// Sender is where profiles are sent as well; nil for nowhere.
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
		faults.Add("duration", "lower it: Flink's rest.profiling.duration-max is 5 min by default", "%s is above 5m", duration)
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
