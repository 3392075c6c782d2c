package record

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// AnswerName is the file of a scenario that a person writes.
const AnswerName = "answer.yaml"

// Planted says what runs while a scenario is recorded: the section planted of the answer.
type Planted struct {
	// Class is the main class; empty is the sample job.
	Class string `yaml:"class"`
	// Args are the job's arguments. LOOKUP and ELASTICSEARCH in them stand for addresses
	// of the stack.
	Args []string `yaml:"args"`
	// Faults and Fixed are those of the sample job.
	Faults      []string `yaml:"faults"`
	Fixed       []string `yaml:"fixed"`
	Parallelism int      `yaml:"parallelism"`
	// Load is the rate of the background load, in records per second.
	Load float64 `yaml:"load"`
	// Modes are the profiler's; empty is ITIMER.
	Modes []string `yaml:"modes"`
	// Warm is how long the job runs before it is profiled; 0 is 40 s.
	Warm time.Duration `yaml:"warm"`
	// Duration is the length of a profile; 0 is 20 s.
	Duration time.Duration `yaml:"duration"`
}

const (
	usualWarm     = 40 * time.Second
	usualDuration = 20 * time.Second
)

// readPlanted reads the answer in a scenario's directory.
func readPlanted(dir string) (Planted, error) {
	path := filepath.Join(dir, AnswerName)
	text, err := os.ReadFile(path)
	if err != nil {
		return Planted{}, fmt.Errorf("%w (write the answer first, see docs/scenarios.md)", err)
	}
	var answer struct {
		Planted yaml.Node `yaml:"planted"`
	}
	if err := yaml.Unmarshal(text, &answer); err != nil {
		return Planted{}, fmt.Errorf("%s: %w", path, err)
	}
	section, err := yaml.Marshal(&answer.Planted)
	if err != nil {
		return Planted{}, err
	}
	p := Planted{Warm: usualWarm, Duration: usualDuration, Modes: []string{"ITIMER"}}
	decoder := yaml.NewDecoder(bytes.NewReader(section))
	decoder.KnownFields(true)
	if err := decoder.Decode(&p); err != nil {
		return Planted{}, fmt.Errorf("%s: planted: %w", path, err)
	}
	return p, nil
}

// args are the arguments with the addresses of the stack.
func (p Planted) args(lookup, elasticsearch string) []string {
	replace := strings.NewReplacer("LOOKUP", lookup, "ELASTICSEARCH", elasticsearch)
	out := make([]string, 0, len(p.Args))
	for _, arg := range p.Args {
		out = append(out, replace.Replace(arg))
	}
	return out
}
