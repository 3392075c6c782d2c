package advisor

import (
	"log/slog"
	"math"
	"path/filepath"
	"slices"
	"testing"

	commoncfg "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
)

func TestConfigFaults(t *testing.T) {
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   []string
	}{
		{"default", func(*Config) {}, nil},
		{
			"unknown provider", func(c *Config) { c.Provider = "oracle" },
			[]string{`provider: there is no provider "oracle" (choose none, openai or file)`},
		},
		{
			"openai without model", func(c *Config) { c.Provider = ProviderOpenAI },
			[]string{"openai.model: is empty (name one the server offers)"},
		},
		{"sources", func(c *Config) {
			c.Source = []SourceRoot{{Dir: "src"}, {Git: "clone", Ref: "v1"}, {Git: "clone"}, {Jar: "a.jar"}}
		}, nil},
		{"wrong sources", func(c *Config) {
			c.Source = []SourceRoot{{}, {Dir: "src", Jar: "a.jar"}, {Dir: "src", Ref: "v1"}}
		}, []string{
			"source[0]: has 0 places (set exactly one of dir, git and jar; begin another entry for another place)",
			"source[1]: has 2 places (set exactly one of dir, git and jar; begin another entry for another place)",
			"source[2].ref: has no meaning without git (use it with git, or remove it)",
		}},
		{"too many sources", func(c *Config) {
			c.Source = slices.Repeat([]SourceRoot{{Dir: "src"}}, maxSources+1)
		}, []string{"source: 51 entries are more than 50 (leave some out)"}},
		{"everything wrong", func(c *Config) {
			c.Provider, c.RequestsPerDay, c.MaxEvidence = ProviderOpenAI, 0, 0
			c.OpenAI = llm.OpenAIConfig{
				BaseURL: "llm.internal", Model: "m", ResponseFormat: "xml",
				HTTP: commoncfg.HTTPClientConfig{BasicAuth: &commoncfg.BasicAuth{Username: "u"}},
			}
		}, []string{
			"openai.base_url: is not an HTTP address (write it as https://host/v1)",
			"openai.timeout: 0s is not above 0 (use a time such as 2m)",
			"openai.max_tokens: 0 leaves no room for an answer (use for example 4096)",
			`openai.response_format: there is no format "xml" (choose json_schema, json_object or text)`,
			"openai.http: has an authorization of its own (use api_key_file or api_key_env)",
			"requests_per_day: 0 allows no request (raise it, or set provider: none)",
			"max_evidence: 0 is not between 1 and 1000 (choose 20 to 200)",
		}},
		{"password in the address", func(c *Config) {
			c.Provider, c.OpenAI.Model, c.OpenAI.BaseURL = ProviderOpenAI, "m", "https://u:p@host/v1"
		}, []string{"openai.base_url: holds a password (use api_key_file)"}},
		{"query in the address", func(c *Config) {
			c.Provider, c.OpenAI.Model, c.OpenAI.BaseURL = ProviderOpenAI, "m",
				"https://x.openai.azure.com/openai/deployments/m?api-version=2024-10-21"
		}, []string{"openai.base_url: has a query or a fragment, to which no path can be added (for Azure set " +
			"api_type: azure and api_version)"}},
		{"path of requests in the address", func(c *Config) {
			c.Provider, c.OpenAI.Model, c.OpenAI.BaseURL = ProviderOpenAI, "m", "https://host/v1/chat/completions/"
		}, []string{"openai.base_url: has the path of requests (end it before /chat/completions)"}},
		{"Azure by half", func(c *Config) {
			c.Provider, c.OpenAI.Model, c.OpenAI.APIType = ProviderOpenAI, "m", "azure"
			c.OpenAI.BaseURL = "https://x.openai.azure.com/openai/deployments/m"
		}, []string{
			"openai.base_url: names a deployment (write it as https://NAME.openai.azure.com and the deployment as " +
				"model)",
			"openai.api_version: is empty (use for example 2024-10-21)",
		}},
		{"Azure's version without Azure", func(c *Config) {
			c.Provider, c.OpenAI.Model, c.OpenAI.APIVersion = ProviderOpenAI, "m", "2024-10-21"
		}, []string{"openai.api_version: is used with Azure only (set api_type: azure, or leave it out)"}},
		{"unknown API, effort of two words, arguments that are no JSON", func(c *Config) {
			c.Provider, c.OpenAI.Model, c.OpenAI.APIType, c.OpenAI.ReasoningEffort = ProviderOpenAI, "m",
				"bedrock", "very high"
			c.OpenAI.ChatTemplateKwargs = map[string]any{"budget": math.NaN()}
		}, []string{
			`openai.api_type: there is no API type "bedrock" (choose openai or azure)`,
			"openai.reasoning_effort: is not one word (use a word such as low)",
			"openai.chat_template_kwargs: can't be written as JSON (use texts, numbers, true and false)",
		}},
		{"file without files", func(c *Config) { c.Provider = ProviderFile }, []string{
			"file.prompt: is empty (name the file to write the prompt to)",
			"file.answer: is empty (name the file you will put the answer in)",
		}},
		{"one file for both", func(c *Config) {
			c.Provider, c.File = ProviderFile, llm.FileConfig{
				Prompt: "a",
				Answer: "./a",
			}
		}, []string{"file.answer: is the same file as prompt (name another file)"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := DefaultConfig()
			tc.change(&cfg)
			var got []string
			for _, fault := range cfg.Validate() {
				got = append(got, fault.Error())
			}
			require.Equal(t, tc.want, got)
		})
	}
}

// TestBoundsOfTheConfiguration: the first and the last value that is allowed.
func TestBoundsOfTheConfiguration(t *testing.T) {
	for n, want := range map[int]bool{0: false, 1: true, 1000: true, 1001: false} {
		c := DefaultConfig()
		c.Provider, c.OpenAI.Model = ProviderOpenAI, "m"
		c.MaxEvidence = n
		require.Equal(t, want, len(c.Validate()) == 0, "max_evidence: %d", n)
	}
	for n, want := range map[int]bool{0: false, 1: true} {
		c := DefaultConfig()
		c.Provider, c.OpenAI.Model = ProviderOpenAI, "m"
		c.RequestsPerDay = n
		require.Equal(t, want, len(c.Validate()) == 0, "requests_per_day: %d", n)
	}
}

// TestFilesOfTheConfigurationMustBeThere: those that are read when the Advisor is made.
func TestFilesOfTheConfigurationMustBeThere(t *testing.T) {
	cfg := DefaultConfig()
	cfg.Provider, cfg.OpenAI.HTTP.TLSConfig.CAFile = ProviderOpenAI, filepath.Join(t.TempDir(), "ca.pem")
	a, err := New(cfg, slog.New(slog.DiscardHandler))
	require.ErrorContains(t, err, "ca.pem")
	require.Nil(t, a)
}
