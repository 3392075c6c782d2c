package llm

import (
	"sync"

	openai "github.com/sashabaranov/go-openai"
)

// The names of parameters that servers may refuse.
const (
	paramTokens      = "max_tokens"
	paramCompletion  = "max_completion_tokens"
	paramTemperature = "temperature"
	paramFormat      = "response_format"
	paramEffort      = "reasoning_effort"
	paramTemplate    = "chat_template_kwargs"
)

// nearZero is the requested temperature, because the client omits a plain 0.
const nearZero = 0.01

// manners remembers the refusals of a server, so that each costs one request only. The
// keys are names of parameters and formats.
type manners struct {
	mu      sync.Mutex
	refused map[string]bool
}

func (m *manners) refuses(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.refused[name]
}

// learn records a refusal. It returns false if the refusal was known and omitting the
// parameter did not help.
func (m *manners) learn(name string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.refused[name] {
		return false
	}
	if m.refused == nil {
		m.refused = map[string]bool{}
	}
	m.refused[name] = true
	return true
}

// request turns a question into the client's form, without the parameters that the
// server refuses.
func (o *OpenAI) request(q Question) openai.ChatCompletionRequest {
	request := openai.ChatCompletionRequest{
		Model: o.cfg.Model, ResponseFormat: o.format(),
		ReasoningEffort: o.cfg.ReasoningEffort, ChatTemplateKwargs: o.cfg.ChatTemplateKwargs,
	}
	if !o.manners.refuses(paramTemperature) {
		request.Temperature = nearZero
	}
	for _, m := range q.Messages {
		request.Messages = append(request.Messages, openai.ChatCompletionMessage{Role: m.Role, Content: m.Content})
	}
	return o.limited(request)
}

// limited bounds the answer's length by max_tokens. Servers of newer reasoning models
// use another name for it and refuse a temperature; the client knows some of these
// models by name.
func (o *OpenAI) limited(request openai.ChatCompletionRequest) openai.ChatCompletionRequest {
	older := request
	older.MaxTokens = o.cfg.MaxTokens //nolint:staticcheck // deprecated at OpenAI, the only name that others know
	if openai.NewReasoningValidator().Validate(older) != nil {
		request.MaxCompletionTokens, request.Temperature = o.cfg.MaxTokens, 0
		return request
	}
	if o.manners.refuses(paramTokens) {
		request.MaxCompletionTokens = o.cfg.MaxTokens
		return request
	}
	return older
}

// format returns the configured format, or the next weaker one that the server has not
// refused.
func (o *OpenAI) format() *openai.ChatCompletionResponseFormat {
	format := o.cfg.ResponseFormat
	if format == formatSchema && o.manners.refuses(formatSchema) {
		format = formatObject
	}
	if format == formatObject && o.manners.refuses(formatObject) {
		format = formatText
	}
	switch format {
	case formatSchema:
		return &openai.ChatCompletionResponseFormat{
			Type: openai.ChatCompletionResponseFormatTypeJSONSchema,
			JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{
				Name: "advice", Strict: true,
				Schema: answerSchema(),
			},
		}
	case formatObject:
		return &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
	}
	return nil
}

// sentIn lists the parameters of a request that a server may refuse.
func sentIn(request openai.ChatCompletionRequest) []string {
	var sent []string
	for _, p := range []struct {
		name string
		sent bool
	}{
		{paramTokens, request.MaxTokens > 0}, //nolint:staticcheck // see limited
		{paramCompletion, request.MaxCompletionTokens > 0},
		{paramTemperature, request.Temperature != 0},
		{paramFormat, request.ResponseFormat != nil},
		{paramEffort, request.ReasoningEffort != ""},
		{paramTemplate, len(request.ChatTemplateKwargs) > 0},
	} {
		if p.sent {
			sent = append(sent, p.name)
		}
	}
	return sent
}

// adapt learns from a refused parameter. It returns false if the parameter can neither
// be omitted nor replaced: settings of the operator do not change.
func (o *OpenAI) adapt(refused string, request openai.ChatCompletionRequest) bool {
	switch refused {
	case paramTokens, paramTemperature:
		return o.manners.learn(refused)
	case paramFormat:
		return o.manners.learn(string(request.ResponseFormat.Type))
	}
	return false
}
