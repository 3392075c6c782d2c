package advisor

import (
	"net/url"
	"path/filepath"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// The providers of advice beside the rules.
const (
	ProviderNone   = "none"   // rules only
	ProviderOpenAI = "openai" // any server with OpenAI's chat completions
	ProviderFile   = "file"   // the prompt and its answer are carried by hand
)

// Config is the section "advisor" of the configuration.
type Config struct {
	Provider string       `yaml:"provider"`
	OpenAI   OpenAIConfig `yaml:"openai"`
	File     FileConfig   `yaml:"file"`
	// RequestsPerDay bounds what the LLM may cost: requests in any 24 hours,
	// repairs included.
	RequestsPerDay int `yaml:"requests_per_day"`
	// MaxEvidence is how many lines of evidence go into the prompt; those that
	// findings cite go first. A line takes some 50 tokens.
	MaxEvidence int `yaml:"max_evidence"`
}

// OpenAIConfig says which server and model to ask.
type OpenAIConfig struct {
	// BaseURL ends before /chat/completions, for example https://api.openai.com/v1.
	BaseURL string `yaml:"base_url"`
	Model   string `yaml:"model"`
	// APIKeyFile is read for each request, so that a key can be renewed.
	APIKeyFile string `yaml:"api_key_file"`
	// APIKeyEnv names an environment variable, used when APIKeyFile is empty. An
	// unset variable means no key, as local servers want it.
	APIKeyEnv string         `yaml:"api_key_env"`
	Timeout   model.Duration `yaml:"timeout"`
	// MaxTokens bounds the answer. It is always sent: servers cut answers
	// silently at defaults of their own otherwise.
	MaxTokens int `yaml:"max_tokens"`
	// ResponseFormat is json_schema (strict), json_object or text, for servers
	// that know no better. The answer is checked the same way.
	ResponseFormat string                     `yaml:"response_format"`
	HTTP           commoncfg.HTTPClientConfig `yaml:"http"`
}

// FileConfig is for carrying prompt and answer by hand.
type FileConfig struct {
	// Prompt is written; Answer is read if it is there.
	Prompt string `yaml:"prompt"`
	Answer string `yaml:"answer"`
}

// The ways to ask for JSON.
const (
	formatSchema = "json_schema"
	formatObject = "json_object"
	formatText   = "text"
)

// maxEvidenceLimit is more than any bundle has.
const maxEvidenceLimit = 1000

// DefaultConfig is rules only, with sensible bounds for whoever names a provider.
func DefaultConfig() Config {
	return Config{
		Provider: ProviderNone,
		OpenAI: OpenAIConfig{
			BaseURL: "https://api.openai.com/v1", APIKeyEnv: "OPENAI_API_KEY", Timeout: model.Duration(2 * time.Minute),
			MaxTokens: 4096, ResponseFormat: formatSchema, HTTP: commoncfg.DefaultHTTPClientConfig,
		},
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
		faults = c.OpenAI.validate().Under("openai")
	case ProviderFile:
		faults = c.File.validate().Under("file")
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

func (c *OpenAIConfig) validate() setting.Faults {
	var faults setting.Faults
	base, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "":
		faults.Add("base_url", "write it as https://host/v1", "is no HTTP address")
	case base.User != nil:
		faults.Add("base_url", "use api_key_file", "holds a password")
	}
	if c.Model == "" {
		faults.Add("model", "name one the server offers", "is empty")
	}
	if c.Timeout <= 0 {
		faults.Add("timeout", "use a time such as 2m", "%s is no time to wait", c.Timeout)
	}
	if c.MaxTokens < 1 {
		faults.Add("max_tokens", "use for example 4096", "%d leaves no room for an answer", c.MaxTokens)
	}
	if c.ResponseFormat != formatSchema && c.ResponseFormat != formatObject && c.ResponseFormat != formatText {
		faults.Add("response_format", "choose json_schema, json_object or text", "there is no format %q", c.ResponseFormat)
	}
	if err := c.HTTP.Validate(); err != nil {
		faults.Add("http", "see Prometheus' http_config", "%v", err)
	}
	if c.HTTP.Authorization != nil || c.HTTP.BasicAuth != nil || c.HTTP.OAuth2 != nil {
		faults.Add("http", "use api_key_file or api_key_env", "has an authorization of its own")
	}
	return faults
}

func (c *FileConfig) validate() setting.Faults {
	var faults setting.Faults
	if c.Prompt == "" {
		faults.Add("prompt", "name the file to write the prompt to", "is empty")
	}
	if c.Answer == "" {
		faults.Add("answer", "name the file you will put the answer in", "is empty")
	}
	if c.Prompt != "" && filepath.Clean(c.Prompt) == filepath.Clean(c.Answer) {
		faults.Add("answer", "name another file", "is the prompt's file")
	}
	return faults
}
