package llm

import (
	"sync"

	openai "github.com/sashabaranov/go-openai"
)

// The names of parameters that servers refuse, as they name them.
const (
	paramTokens      = "max_tokens"
	paramCompletion  = "max_completion_tokens"
	paramTemperature = "temperature"
	paramFormat      = "response_format"
	paramEffort      = "reasoning_effort"
	paramTemplate    = "chat_template_kwargs"
)

// nearZero is the temperature that is asked for: the client leaves out a plain 0.
const nearZero = 0.01

// manners remembers what a server refused, so that it costs one request only. The
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

// learn notes that a server refuses something. It is false when that was known and
// did not help.
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

// request is a question as the client takes it, without what the server refuses.
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

// limited bounds the answer's length by max_tokens, which every server knows
// except those of newer reasoning models: these want another name for it and no
// temperature. The client knows some of them by name.
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

// format asks for the configured format, or the next weaker one that the server
// was not seen to refuse.
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

// adapt learns from a refusal of a parameter. It is false when there is nothing
// that could be left out or replaced: settings that an operator chose stay.
func (o *OpenAI) adapt(refused string, request openai.ChatCompletionRequest) bool {
	switch refused {
	case paramTokens, paramTemperature:
		return o.manners.learn(refused)
	case paramFormat:
		return o.manners.learn(string(request.ResponseFormat.Type))
	}
	return false
}
