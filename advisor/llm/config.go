package llm

import (
	"net/url"
	"path/filepath"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

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

// DefaultOpenAIConfig is OpenAI's own service, without a model.
func DefaultOpenAIConfig() OpenAIConfig {
	return OpenAIConfig{
		BaseURL: "https://api.openai.com/v1", APIKeyEnv: "OPENAI_API_KEY", Timeout: model.Duration(2 * time.Minute),
		MaxTokens: 4096, ResponseFormat: formatSchema, HTTP: commoncfg.DefaultHTTPClientConfig,
	}
}

// Validate returns what is wrong with the section. It opens nothing.
func (c *OpenAIConfig) Validate() setting.Faults {
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

// Validate returns what is wrong with the section. It opens nothing.
func (c *FileConfig) Validate() setting.Faults {
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
