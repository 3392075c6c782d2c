package scaletest

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// Config is the section scaletest. The job, the topic and the template are those of the
// section probe.
type Config struct {
	// Allow lists everything that the records of a test may reach. There is no default:
	// the operator decides.
	Allow Allow `yaml:"allow"`
	// Cutoff is the time without a further record after which the missing ones are lost.
	Cutoff model.Duration `yaml:"cutoff"`
	// Template and TemplateFile replace the template of the probe.
	Template     string `yaml:"template"`
	TemplateFile string `yaml:"template_file"`
	// Production are the names of clusters that are tested only with --i-know.
	Production []string `yaml:"production"`
	// Deploy are the commands of --deployments.
	Deploy Deploy `yaml:"deploy"`
}

// Allow is the allow-list of a test.
type Allow struct {
	Topics  []string `yaml:"topics"`
	Indices []string `yaml:"indices"`
	// Directories are those of sinks in files, relative to the configuration file.
	Directories []string `yaml:"directories"`
}

// permits reports whether records may reach a place.
func (a *Allow) permits(p place) bool {
	switch p.kind {
	case topic:
		return slices.Contains(a.Topics, p.name)
	case index:
		return slices.Contains(a.Indices, p.name)
	}
	return slices.ContainsFunc(a.Directories, func(d string) bool { return filepath.Clean(d) == filepath.Clean(p.name) })
}

// Deploy are shell commands that put the baseline or the candidate in place. Only the
// command line runs them.
type Deploy struct {
	Baseline  string `yaml:"baseline"`
	Candidate string `yaml:"candidate"`
}

// The bounds of the cutoff: a shorter one takes a checkpoint or a refresh for a loss.
const (
	minCutoff = model.Duration(time.Second)
	maxCutoff = model.Duration(24 * time.Hour)
)

// DefaultConfig returns the section's defaults; allow has none.
func DefaultConfig() Config { return Config{Cutoff: model.Duration(time.Minute)} }

// UnmarshalYAML fills absent keys with the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	*c = DefaultConfig()
	type plain Config
	return unmarshal((*plain)(c))
}

// Validate returns what is wrong with the section. It renders the template once, and does
// not use the network.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	for i, topic := range c.Allow.Topics {
		synthetic.ValidateTopic(&faults, fmt.Sprintf("allow.topics[%d]", i), topic)
	}
	for i, index := range c.Allow.Indices {
		if index == "" || strings.Contains(index, "*") {
			faults.Add(fmt.Sprintf("allow.indices[%d]", i), "name each index or alias",
				"%q is not the name of one index", index)
		}
	}
	for i, path := range c.Allow.Directories {
		if path == "" {
			faults.Add(fmt.Sprintf("allow.directories[%d]", i), "name the directory of a sink", "no directory is named")
		}
	}
	if c.Cutoff < minCutoff || c.Cutoff > maxCutoff {
		faults.Add("cutoff", "choose a time in between", "%s is not from %s to %s", c.Cutoff, minCutoff, maxCutoff)
	}
	if (c.Deploy.Baseline == "") != (c.Deploy.Candidate == "") {
		faults.Add("deploy", "set both, or none", "only one of baseline and candidate is set")
	}
	c.validateTemplate(&faults)
	return faults
}

func (c *Config) validateTemplate(faults *setting.Faults) {
	if c.Template == "" && c.TemplateFile == "" {
		return
	}
	if c.Template != "" && c.TemplateFile != "" {
		faults.Add("template_file", "keep one of the two", "template is set as well")
		return
	}
	path := "template"
	if c.TemplateFile != "" {
		path = "template_file"
	}
	if _, err := c.payload(nil); err != nil {
		faults.Add(path, "correct it; its fields are .Seed .Key .Sequence .SentAt .Partition and .Int N", "%v", err)
	}
}

// payload returns what renders the records: the section's template, or what the probe has.
func (c *Config) payload(probe *synthetic.Config) (*payload.Template, error) {
	if c.Template == "" && c.TemplateFile == "" {
		return probe.Payload()
	}
	own := synthetic.Config{Template: c.Template, TemplateFile: c.TemplateFile}
	return own.Payload()
}

// IsProduction reports whether the configuration calls a cluster production: in the list,
// or because a word of its name is prod or production.
func (c *Config) IsProduction(cluster string) bool {
	words := strings.FieldsFunc(strings.ToLower(cluster), func(r rune) bool { return !unicode.IsLetter(r) })
	return slices.Contains(c.Production, cluster) ||
		slices.Contains(words, "prod") || slices.Contains(words, "production")
}
