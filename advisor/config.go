package advisor

import (
	"fmt"

	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// The providers that can add to the advice of the rules.
const (
	ProviderNone   = "none"   // rules only
	ProviderOpenAI = "openai" // any server with OpenAI's chat completions
	ProviderFile   = "file"   // a person carries the prompt and the answer
)

// Config is the section "advisor" of the configuration.
type Config struct {
	Provider string           `yaml:"provider"`
	OpenAI   llm.OpenAIConfig `yaml:"openai"`
	File     llm.FileConfig   `yaml:"file"`
	// RequestsPerDay bounds the cost of the LLM: the number of requests in any 24
	// hours, including repairs.
	RequestsPerDay int `yaml:"requests_per_day"`
	// MaxEvidence is the maximum number of lines of evidence in the prompt. Lines that
	// findings cite come first. A line takes about 50 tokens.
	MaxEvidence int `yaml:"max_evidence"`
	// Focus is what the LLM is asked to look at first, in a sentence; empty for everything.
	Focus string `yaml:"focus"`
	// PromptTemplateFile is a Go template of the question to the LLM; empty is the built-in
	// one.
	PromptTemplateFile string `yaml:"prompt_template_file"`
	// Source are the places with the sources of the jobs, the first first. The methods of hot
	// frames become evidence.
	Source []SourceRoot `yaml:"source"`
}

// SourceRoot is a place with sources: exactly one of Dir, Git and Jar is set.
type SourceRoot struct {
	// Dir is a directory.
	Dir string `yaml:"dir"`
	// Git is the directory of a clone on this machine, and Ref a branch, a tag or the whole hash
	// of a commit; empty is HEAD.
	Git string `yaml:"git"`
	Ref string `yaml:"ref"`
	// Jar is a jar of sources, as build tools publish them (NAME-sources.jar).
	Jar string `yaml:"jar"`
}

// maxSources is more roots than a cluster's jobs have.
const maxSources = 50

// maxEvidenceLimit is more than any bundle has.
const maxEvidenceLimit = 1000

// DefaultConfig uses the rules only. Its limits apply when a provider is configured.
func DefaultConfig() Config {
	return Config{
		Provider:       ProviderNone,
		OpenAI:         llm.DefaultOpenAIConfig(),
		RequestsPerDay: 24,
		MaxEvidence:    100,
	}
}

// Validate returns what is wrong with the section. It opens nothing.
func (c *Config) Validate() setting.Faults {
	faults := c.checkSource()
	if len(c.Focus) > llm.MaxFocus {
		faults.Add("focus", "write a sentence or two", "%d bytes are more than %d", len(c.Focus), llm.MaxFocus)
	}
	switch c.Provider {
	case ProviderNone:
		return faults
	case ProviderOpenAI:
		faults = append(faults, c.OpenAI.Validate().Under("openai")...)
	case ProviderFile:
		faults = append(faults, c.File.Validate().Under("file")...)
	default:
		faults.Add("provider", "choose none, openai or file", "there is no provider %q", c.Provider)
	}
	if c.RequestsPerDay < 1 {
		faults.Add("requests_per_day", "raise it, or set provider: none", "%d allows no request", c.RequestsPerDay)
	}
	if c.MaxEvidence < 1 || c.MaxEvidence > maxEvidenceLimit {
		faults.Add("max_evidence", "choose 20 to 200", "%d is not between 1 and %d", c.MaxEvidence, maxEvidenceLimit)
	}
	return faults
}

// checkSource returns what is wrong with the places of sources.
func (c *Config) checkSource() setting.Faults {
	var faults setting.Faults
	if len(c.Source) > maxSources {
		faults.Add("source", "leave some out", "%d entries are more than %d", len(c.Source), maxSources)
	}
	for i, root := range c.Source {
		at, given := fmt.Sprintf("source[%d]", i), 0
		for _, place := range []string{root.Dir, root.Git, root.Jar} {
			if place != "" {
				given++
			}
		}
		switch {
		case given != 1:
			faults.Add(at, "set exactly one of dir, git and jar; begin another entry for another place",
				"has %d places", given)
		case root.Ref != "" && root.Git == "":
			faults.Add(at+".ref", "use it with git, or remove it", "has no meaning without git")
		}
	}
	return faults
}

// provider returns the configured provider. If the advisor uses the rules only, it
// returns the provider for previews of prompts, whose HTTP settings are neither checked
// nor used.
func (c *Config) provider() (llm.Provider, error) {
	switch c.Provider {
	case ProviderFile:
		return llm.NewFile(c.File), nil
	case ProviderOpenAI:
		return llm.NewOpenAI(c.OpenAI)
	}
	shown := c.OpenAI
	shown.HTTP = commoncfg.DefaultHTTPClientConfig
	return llm.NewOpenAI(shown)
}
