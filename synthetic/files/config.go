// Package files watches a directory into which the job writes text files, such as those of
// Flink's FileSink: a record on each line, in any number of files and subdirectories. Files
// whose name begins with a dot or an underscore are not finished and are left out.
package files

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// Target is the name of the directories in flink_sidecar_up.
const Target = "files"

// SinkConfig is a directory that the job writes.
type SinkConfig struct {
	// Directory is a path on this machine, relative to the configuration file.
	Directory string `yaml:"directory"`
}

// Validate returns the faults of the section. The directory may be missing on the machine that
// checks a configuration.
func (s *SinkConfig) Validate() setting.Faults {
	var faults setting.Faults
	if s.Directory == "" {
		faults.Add("directory", "name the directory that the job writes, as this machine sees it", "no directory is named")
	}
	return faults
}

// Sink returns the sink for a directory that the job writes.
func Sink(name string, cfg SinkConfig, probe *synthetic.Config) synthetic.SinkSpec {
	open := func(w *synthetic.Watch) (synthetic.Sink, error) {
		return newSink(cfg, w, time.Duration(probe.PollInterval)), nil
	}
	return synthetic.SinkSpec{Name: name, Target: Target, Hops: []string{name}, Ordered: true, Open: open}
}
