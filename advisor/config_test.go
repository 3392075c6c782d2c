package advisor

import (
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
		{"unknown provider", func(c *Config) { c.Provider = "oracle" }, []string{`provider: there is no provider "oracle" (choose none, openai or file)`}},
		{"openai without model", func(c *Config) { c.Provider = ProviderOpenAI }, []string{"openai.model: is empty (name one the server offers)"}},
		{"everything wrong", func(c *Config) {
			c.Provider, c.RequestsPerDay, c.MaxEvidence = ProviderOpenAI, 0, 0
			c.OpenAI = llm.OpenAIConfig{BaseURL: "llm.internal", Model: "m", ResponseFormat: "xml", HTTP: commoncfg.HTTPClientConfig{BasicAuth: &commoncfg.BasicAuth{Username: "u"}}}
		}, []string{
			"openai.base_url: is no HTTP address (write it as https://host/v1)",
			"openai.timeout: 0s is no time to wait (use a time such as 2m)",
			"openai.max_tokens: 0 leaves no room for an answer (use for example 4096)",
			`openai.response_format: there is no format "xml" (choose json_schema, json_object or text)`,
			"openai.http: has an authorization of its own (use api_key_file or api_key_env)",
			"requests_per_day: 0 allows no request (raise it, or set provider: none)",
			"max_evidence: 0 is not between 1 and 1000 (choose 20 to 200)",
		}},
		{"password in the address", func(c *Config) {
			c.Provider, c.OpenAI.Model, c.OpenAI.BaseURL = ProviderOpenAI, "m", "https://u:p@host/v1"
		}, []string{"openai.base_url: holds a password (use api_key_file)"}},
		{"file without files", func(c *Config) { c.Provider = ProviderFile }, []string{
			"file.prompt: is empty (name the file to write the prompt to)", "file.answer: is empty (name the file you will put the answer in)",
		}},
		{"one file for both", func(c *Config) { c.Provider, c.File = ProviderFile, llm.FileConfig{Prompt: "a", Answer: "./a"} }, []string{"file.answer: is the prompt's file (name another file)"}},
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
