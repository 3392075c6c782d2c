package advisor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/advisor/llmtest"
)

// The forms of answers of real servers and models. Each ends in a finding. The first run
// needs first requests, the second run needs second requests.
func TestFormsOfAnswers(t *testing.T) {
	answer := said(t, llm.Answer{Findings: []llm.Claim{good()}})
	extra := strings.Replace(answer, `{"findings"`, `{"summary":"Kryo is slow","findings"`, 1)
	inner := strings.Replace(answer, `"trade_offs"`, `"priority":1,"trade_offs"`, 1)
	draft := said(t, llm.Answer{})
	unsupported := func(status int, message string) llmtest.Reply {
		return llmtest.Reply{
			Status:  status,
			Content: message,
		}
	}
	plain := func(status int, body string) llmtest.Reply { return llmtest.Reply{Status: status, Body: body} }
	good := llmtest.Reply{Content: answer}
	for _, tc := range []struct {
		name          string
		script        []llmtest.Reply
		refuses       []string
		first, second int
	}{
		{"as requested", []llmtest.Reply{good}, nil, 1, 1},
		{"after thoughts", []llmtest.Reply{{Content: "<think>\nE3 says {40 %}.\nSo " + draft + "</think>\n\n" +
			answer}}, nil, 1, 1},
		{"after thoughts whose beginning is in the template", []llmtest.Reply{{Content: "E3 says " +
			"it.\n</think>\n" + answer}}, nil, 1, 1},
		{"channels", []llmtest.Reply{{Content: "<|channel|>analysis<|message|>E3.<|end|><|start|>assistant<|channel|>final<|message|>" + answer}}, nil, 1, 1},
		{"after prose with braces", []llmtest.Reply{{Content: "Here {as asked} is the {\"json\": 1}:\n" +
			answer}}, nil, 1, 1},
		{"in a fence with words behind", []llmtest.Reply{{Content: "```json\n" + answer +
			"\n```\n\nLet me know if you need more {detail}."}}, nil, 1, 1},
		{"in a fence in prose", []llmtest.Reply{{Content: "Sure!\n```\n" + answer + "\n```"}}, nil, 1, 1},
		{"an additional key", []llmtest.Reply{{Content: extra}}, nil, 1, 1},
		{"an additional key in a finding", []llmtest.Reply{{Content: inner}}, nil, 1, 1},
		{"in an envelope", []llmtest.Reply{{Content: `{"answer":` + answer + `}`}}, nil, 1, 1},
		{"an example behind", []llmtest.Reply{{Content: answer + "\nWithout findings it were " + draft}}, nil, 1, 1},
		{"finish_reason eos", []llmtest.Reply{{Content: answer, Finish: "eos"}}, nil, 1, 1},
		{"finish_reason eos_token", []llmtest.Reply{{Content: answer, Finish: "eos_token"}}, nil, 1, 1},
		{"finish_reason STOP", []llmtest.Reply{{Content: answer, Finish: "STOP"}}, nil, 1, 1},
		{
			"finish_reason null",
			[]llmtest.Reply{{Content: answer, Message: map[string]any{"finish_reason": nil}}},
			nil, 1, 1,
		},
		{"complete, then blanks up to the limit", []llmtest.Reply{{
			Content: answer + strings.Repeat(" \n", 500),
			Finish:  "length",
		}}, nil, 1, 1},
		{"in reasoning_content", []llmtest.Reply{{Message: map[string]any{
			"content":           nil,
			"reasoning_content": answer,
		}}}, nil, 1, 1},
		{"in reasoning", []llmtest.Reply{{Message: map[string]any{"content": nil, "reasoning": "So: " +
			answer}}}, nil, 1, 1},
		{"content beside reasoning", []llmtest.Reply{{
			Content: answer,
			Message: map[string]any{"reasoning_content": draft},
		}}, nil, 1, 1},
		{"content in parts", []llmtest.Reply{{Message: map[string]any{"content": []any{
			map[string]any{"type": "thinking", "thinking": []any{map[string]any{"type": "text", "text": "hm"}}},
			map[string]any{"type": "text", "text": answer},
		}}}}, nil, 1, 1},
		{"broken once", []llmtest.Reply{{Content: `{"findings":[{"category":"x",]}`}, good}, nil, 2, 1},
		{"cut off once", []llmtest.Reply{{Content: `{"findings":[{"cat`, Finish: "length"}, good}, nil, 2, 1},
		{"a text for a number once", []llmtest.Reply{{Content: strings.Replace(answer, `"confidence":0.9`,
			`"confidence":"high"`, 1)}, good}, nil, 2, 1},
		{"response_format is ignored", []llmtest.Reply{{Content: "Kryo is slow."}, good}, nil, 2, 1},

		{"no max_tokens", []llmtest.Reply{good}, []string{"max_tokens"}, 2, 1},
		{"no temperature", []llmtest.Reply{good}, []string{"temperature"}, 2, 1},
		{"neither", []llmtest.Reply{good}, []string{"max_tokens", "temperature"}, 3, 1},
		{"no json_schema", []llmtest.Reply{good}, []string{"json_schema"}, 2, 1},
		{"no formats", []llmtest.Reply{good}, []string{"json_schema", "json_object"}, 3, 1},
		{"none of these parameters", []llmtest.Reply{good}, []string{
			"json_schema", "json_object", "max_tokens",
			"temperature",
		}, 5, 1},
		{"max_tokens in a sentence", []llmtest.Reply{unsupported(400,
			"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' "+
				"instead."), good}, nil, 2, 1},
		{"422 of FastAPI", []llmtest.Reply{plain(422,
			`{"detail":[{"type":"extra_forbidden","loc":["body","response_format"],"msg":"Extra inputs are not permitted"}]}`), good}, nil, 2, 1},
		{"error without an object", []llmtest.Reply{plain(400,
			`{"error":"json_schema response_format is not supported"}`), good}, nil, 2, 1},
		{"error of vLLM", []llmtest.Reply{plain(400,
			`{"object":"error","message":"temperature must be 1","type":"BadRequestError","param":"temperature","code":400}`), good}, nil, 2, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := llmtest.NewServer(tc.script...)
			server.Refuses = tc.refuses
			a := asking(t, server, nil)
			for i, want := range []int{tc.first, tc.first + tc.second} {
				adv := a.Advise(t.Context(), kryoJob(t))
				require.Empty(t, adv.Warnings)
				require.Empty(t, adv.Rejected)
				require.Len(t, adv.Findings, 2, "answer %d", i)
				require.Len(t, server.Requests(), want, "the first refusal is remembered")
			}
			up, _ := a.Up()
			require.True(t, up)
		})
	}
}

// Without an answer, the warning says what to do.
func TestHintsForServers(t *testing.T) {
	status := func(status int, param, code, message string) llmtest.Reply {
		body, err := json.Marshal(map[string]any{"error": map[string]any{
			"message": message, "param": param,
			"code": code,
		}})
		require.NoError(t, err)
		return llmtest.Reply{Status: status, Body: string(body)}
	}
	for _, tc := range []struct {
		name     string
		reply    llmtest.Reply
		change   func(*Config)
		warning  string
		requests int
	}{
		{
			"context too small",
			status(400, "messages", "context_length_exceeded", "This model's maximum context length is 4096 "+
				"tokens."), nil,
			"the LLM's server refused with status 400: This model's maximum context length is 4096 tokens. (lower " +
				"advisor.max_evidence or advisor.openai.max_tokens)", 1,
		},
		{
			"max_tokens beyond the model",
			status(400, "max_tokens", "invalid_value", "max_tokens is too large: 40960. This model supports at "+
				"most 16384 completion tokens."), nil,
			"the LLM's server refused with status 400: max_tokens is too large: 40960. This model supports at " +
				"most 16384 completion tokens. (lower advisor.max_evidence or advisor.openai.max_tokens)", 1,
		},
		{
			"an effort that the model does not know",
			status(400, "reasoning_effort", "unsupported_value", "Unsupported value: 'xhigh'."),
			func(c *Config) { c.OpenAI.ReasoningEffort = "xhigh" },
			"the LLM's server refused with status 400: Unsupported value: 'xhigh'. (check " +
				"advisor.openai.reasoning_effort)", 1,
		},
		{
			"template arguments that the server does not know",
			status(400, "", "", "Unrecognized request argument supplied: chat_template_kwargs"),
			func(c *Config) { c.OpenAI.ChatTemplateKwargs = map[string]any{"enable_thinking": false} },
			"the LLM's server refused with status 400: Unrecognized request argument supplied: " +
				"chat_template_kwargs (check advisor.openai.chat_template_kwargs)", 1,
		},
		{
			"an unknown model",
			status(400, "model", "model_not_found", "no such model"), nil,
			"the LLM's server refused with status 400: no such model (check advisor.openai.model)", 1,
		},
		{
			"anything else",
			status(400, "", "", "Bad request."), nil,
			"the LLM's server refused with status 400: Bad request. (look at the server's log, or try another " +
				"model)", 1,
		},
		{
			"Azure's content filter",
			status(400, "prompt", "content_filter", "The response was filtered."), nil,
			"the model refused to answer: its content filter stopped it: The response was filtered.", 1,
		},
		{
			"an error with status 200",
			llmtest.Reply{Body: `{"error":{"code":429,"message":"Rate limit exceeded"}}`},
			nil,
			"the LLM's server refused with status 200: Rate limit exceeded (try later, or look at the server's log)", 1,
		},
		{
			"a parameter that is refused under both names",
			llmtest.Reply{Status: 400, Content: "max_tokens and max_completion_tokens are unknown"},
			nil,
			"the LLM's server refused with status 400: max_tokens and max_completion_tokens are unknown (check " +
				"advisor.openai.max_tokens)", 2,
		},
		{
			"thoughts up to the limit",
			llmtest.Reply{Finish: "length", Message: map[string]any{"content": nil, "reasoning": "Let me see"}},
			nil,
			"the answer was cut off (raise advisor.openai.max_tokens, or lower reasoning_effort)", 2,
		},
		{
			"a text for a number",
			llmtest.Reply{Content: `{"findings":[{"confidence":"high"}]}`},
			nil,
			"the answer is not what was asked for: it has a value of a wrong type: findings.confidence is a " +
				"string, twice", 2,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := llmtest.NewServer(tc.reply)
			adv := asking(t, server, tc.change).Advise(t.Context(), kryoJob(t))
			require.Equal(t, []string{"the advice comes from the rules only: " + tc.warning}, adv.Warnings)
			require.Len(t, server.Requests(), tc.requests)
			require.Equal(t, Rules(kryoJob(t)).Findings, adv.Findings)
		})
	}
}

// Refused requests count in requests_per_day.
func TestRefusedRequestsAreCounted(t *testing.T) {
	server := llmtest.NewServer()
	server.Refuses = []string{"max_tokens", "temperature", "json_schema"}
	a := asking(t, server, func(c *Config) { c.RequestsPerDay = 2 })
	require.Equal(t, []string{"the advice comes from the rules only: the day's requests are used up (raise " +
		"advisor.requests_per_day)"},
		a.Advise(t.Context(), kryoJob(t)).Warnings)
	require.Len(t, server.Requests(), 2)
}

func TestSettingsInRequests(t *testing.T) {
	server := llmtest.NewServer(llmtest.Reply{Content: said(t, llm.Answer{})})
	a := asking(t, server, func(c *Config) {
		c.OpenAI.ReasoningEffort, c.OpenAI.ChatTemplateKwargs = "low", map[string]any{"enable_thinking": false}
	})
	require.Empty(t, a.Advise(t.Context(), kryoJob(t)).Warnings)
	body := string(server.Requests()[0].Body)
	require.Contains(t, body, `"reasoning_effort":"low"`)
	require.Contains(t, body, `"chat_template_kwargs":{"enable_thinking":false}`)
	require.Equal(t, 2, strings.Count(body, "most gain in throughput in percent"), "the schema is in the prompt too")
}

func TestAzure(t *testing.T) {
	t.Setenv("SIDECAR_TEST_KEY", "azure-key")
	server := llmtest.NewServer(llmtest.Reply{Content: said(t, llm.Answer{Findings: []llm.Claim{good()}})})
	server.Key, server.APIVersion, server.Refuses = "azure-key", "2024-10-21", []string{"max_tokens", "temperature"}
	azure := func(c *Config) {
		c.OpenAI.BaseURL, c.OpenAI.APIType, c.OpenAI.APIVersion = server.URL, "azure", "2024-10-21"
		c.OpenAI.Model, c.OpenAI.APIKeyEnv = "my.gpt-5:latest", "SIDECAR_TEST_KEY"
	}
	a := asking(t, server, azure)
	adv := a.Advise(t.Context(), kryoJob(t))
	require.Empty(t, adv.Warnings)
	require.Len(t, adv.Findings, 2)
	require.Equal(t, "llm:my.gpt-5:latest", adv.Findings[1].Source)
	require.True(t, bytes.Contains(server.Requests()[2].Body, []byte(`"max_completion_tokens":4096`)))

	old := asking(t, server, func(c *Config) { azure(c); c.OpenAI.APIVersion = "2020-01-01" })
	require.Equal(t, []string{fmt.Sprintf("the advice comes from the rules only: the LLM's server refused with status %d: "+
		"Resource not found "+
		"(check advisor.openai.base_url, api_version and model, which is the deployment's name)",
		http.StatusNotFound)}, old.Advise(t.Context(), kryoJob(t)).Warnings)
}
