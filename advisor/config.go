package advisor

import (
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
}

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
	var faults setting.Faults
	switch c.Provider {
	case ProviderNone:
		return nil
	case ProviderOpenAI:
		faults = c.OpenAI.Validate().Under("openai")
	case ProviderFile:
		faults = c.File.Validate().Under("file")
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
