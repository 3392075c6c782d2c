package outcome

import (
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Config is the section "evaluate" of the configuration.
type Config struct {
	// RegressionPercent is from how many percent a figure is worse: from 5 to below 50. Two such
	// figures, or one that is worse by twice that, are a large regression.
	RegressionPercent float64 `yaml:"regression_percent"`
	// Iterations and MaxRecords bound the scale test of an evaluation. Records are those of
	// an iteration; 0 is as many as make it long enough.
	Iterations int `yaml:"iterations"`
	Records    int `yaml:"records"`
	MaxRecords int `yaml:"max_records"`
	// Repeat is how long an alert about a regression stands if no sidecar repeats it.
	Repeat model.Duration `yaml:"repeat"`
	// Block is the length of one measurement of production. Shorter ones are alike, and would
	// count as more than they are.
	Block model.Duration `yaml:"block"`
}

// The bounds of the section.
const (
	// maxRegression keeps twice RegressionPercent below the largest loss that a throughput can have.
	maxRegression = 50
	maxIterations = 200
	// MinBlock is the shortest block.
	MinBlock  = model.Duration(30 * time.Second)
	maxBlock  = model.Duration(24 * time.Hour)
	minRepeat = model.Duration(time.Minute)
	maxRepeat = model.Duration(31 * 24 * time.Hour)
)

// DefaultConfig returns the defaults of the section.
func DefaultConfig() Config {
	return Config{
		RegressionPercent: 20, Iterations: 3, MaxRecords: 1_000_000,
		Repeat: model.Duration(25 * time.Hour), Block: model.Duration(30 * time.Minute),
	}
}

// UnmarshalYAML fills absent keys with the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	*c = DefaultConfig()
	type plain Config
	return unmarshal((*plain)(c))
}

// Validate returns what is wrong with the section.
func (c Config) Validate() setting.Faults {
	var faults setting.Faults
	if !(c.RegressionPercent >= SmallestChange && c.RegressionPercent < maxRegression) {
		faults.Add("regression_percent", "use 20, for example", "%g is not from %d to below %d: no throughput is worse by "+
			"twice as much", c.RegressionPercent, SmallestChange, maxRegression)
	}
	if c.Iterations < 1 || c.Iterations > maxIterations {
		faults.Add("iterations", "use 3, for example", "%d is not from 1 to %d", c.Iterations, maxIterations)
	}
	if c.Records < 0 || c.MaxRecords < 1 || c.Records > c.MaxRecords/max(c.Iterations, 1) {
		faults.Add("max_records", "raise it, or lower records", "%d is too few for %d iterations of %d records", c.MaxRecords,
			c.Iterations, c.Records)
	}
	if c.Repeat < minRepeat || c.Repeat > maxRepeat {
		faults.Add("repeat", "use a little more than the time between two evaluations", "%s is not from %s to %s", c.Repeat,
			minRepeat, maxRepeat)
	}
	if c.Block < MinBlock || c.Block > maxBlock {
		faults.Add("block", "use 30m, for example", "%s is not from %s to %s", c.Block, MinBlock, maxBlock)
	}
	return faults
}
