package llm

import (
	"encoding/json"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// OpenAIConfig names the server and the model.
type OpenAIConfig struct {
	// BaseURL ends before /chat/completions, for example https://api.openai.com/v1.
	BaseURL string `yaml:"base_url"`
	Model   string `yaml:"model"`
	// APIKeyFile is read for each request, so that the key can change.
	APIKeyFile string `yaml:"api_key_file"`
	// APIKeyEnv names an environment variable, used if APIKeyFile is empty. If the
	// variable is not set, no key is sent; local servers need none.
	APIKeyEnv string         `yaml:"api_key_env"`
	Timeout   model.Duration `yaml:"timeout"`
	// MaxTokens bounds the answer. It is always sent, because servers otherwise cut
	// answers at their own defaults without an error.
	MaxTokens int `yaml:"max_tokens"`
	// ResponseFormat is json_schema (strict), json_object or text. If the server
	// refuses one, the next one is used. The checks of the answer are the same for all.
	ResponseFormat string `yaml:"response_format"`
	// ReasoningEffort is the effort of a reasoning model, in the server's own words. It
	// is not sent if empty.
	ReasoningEffort string `yaml:"reasoning_effort"`
	// ChatTemplateKwargs is sent unchanged, for vLLM, SGLang and llama.cpp: for example
	// enable_thinking: false. It is not sent if empty.
	ChatTemplateKwargs map[string]any `yaml:"chat_template_kwargs"`
	// APIType is openai (also if empty) or azure. For azure, BaseURL is the address of
	// the resource, Model is the name of the deployment, and APIVersion is required.
	APIType    string                     `yaml:"api_type"`
	APIVersion string                     `yaml:"api_version"`
	HTTP       commoncfg.HTTPClientConfig `yaml:"http"`
}

// FileConfig is the configuration of the exchange through files.
type FileConfig struct {
	// Prompt and Answer are paths. The sidecar writes Prompt, and reads Answer if it
	// exists.
	Prompt string `yaml:"prompt"`
	Answer string `yaml:"answer"`
}

// The ways to ask for JSON.
const (
	formatSchema = "json_schema"
	formatObject = "json_object"
	formatText   = "text"
)

// The forms of the API.
const (
	apiOpenAI = "openai"
	apiAzure  = "azure"
)

// DefaultOpenAIConfig is OpenAI's own service, without a model.
func DefaultOpenAIConfig() OpenAIConfig {
	return OpenAIConfig{
		BaseURL: "https://api.openai.com/v1", APIKeyEnv: "OPENAI_API_KEY", Timeout: model.Duration(2 * time.Minute),
		MaxTokens: 4096, ResponseFormat: formatSchema, APIType: apiOpenAI, HTTP: commoncfg.DefaultHTTPClientConfig,
	}
}

// Validate returns what is wrong with the section. It opens nothing.
func (c *OpenAIConfig) Validate() setting.Faults {
	faults := c.validateAddress()
	if c.Model == "" {
		faults.Add("model", "name one the server offers", "is empty")
	}
	if c.Timeout <= 0 {
		faults.Add("timeout", "use a time such as 2m", "%s is not above 0", c.Timeout)
	}
	if c.MaxTokens < 1 {
		faults.Add("max_tokens", "use for example 4096", "%d leaves no room for an answer", c.MaxTokens)
	}
	if c.ResponseFormat != formatSchema && c.ResponseFormat != formatObject && c.ResponseFormat != formatText {
		faults.Add("response_format", "choose json_schema, json_object or text", "there is no format %q",
			c.ResponseFormat)
	}
	if !effort.MatchString(c.ReasoningEffort) {
		faults.Add("reasoning_effort", "use a word such as low", "is not one word")
	}
	if _, err := json.Marshal(c.ChatTemplateKwargs); err != nil {
		faults.Add("chat_template_kwargs", "use texts, numbers, true and false", "can't be written as JSON")
	}
	if err := c.HTTP.Validate(); err != nil {
		faults.Add("http", "see Prometheus' http_config", "%v", err)
	}
	if c.HTTP.Authorization != nil || c.HTTP.BasicAuth != nil || c.HTTP.OAuth2 != nil {
		faults.Add("http", "use api_key_file or api_key_env", "has an authorization of its own")
	}
	return faults
}

// effort matches reasoning_effort: none, minimal, low, … or nothing.
var effort = regexp.MustCompile(`^[a-z]*$`)

// validateAddress returns the faults of the server's address.
func (c *OpenAIConfig) validateAddress() setting.Faults {
	var faults setting.Faults
	base, err := url.Parse(c.BaseURL)
	switch {
	case err != nil || (base.Scheme != "http" && base.Scheme != "https") || base.Host == "":
		faults.Add("base_url", "write it as https://host/v1", "is not an HTTP address")
	case base.User != nil:
		faults.Add("base_url", "use api_key_file", "holds a password")
	case base.RawQuery != "" || base.ForceQuery || base.Fragment != "":
		faults.Add("base_url", "for Azure set api_type: azure and api_version",
			"has a query or a fragment, to which no path can be added")
	case strings.HasSuffix(strings.TrimRight(base.Path, "/"), "/chat/completions"):
		faults.Add("base_url", "end it before /chat/completions", "has the path of requests")
	case c.APIType == apiAzure && strings.Contains(base.Path, "/deployments"):
		faults.Add("base_url", "write it as https://NAME.openai.azure.com and the deployment as model",
			"names a deployment")
	}
	switch {
	case c.APIType != "" && c.APIType != apiOpenAI && c.APIType != apiAzure:
		faults.Add("api_type", "choose openai or azure", "there is no API type %q", c.APIType)
	case c.APIType == apiAzure && c.APIVersion == "":
		faults.Add("api_version", "use for example 2024-10-21", "is empty")
	case c.APIType != apiAzure && c.APIVersion != "":
		faults.Add("api_version", "set api_type: azure, or leave it out", "is used with Azure only")
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
		faults.Add("answer", "name another file", "is the same file as prompt")
	}
	return faults
}
