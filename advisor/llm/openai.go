package llm

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"time"

	commoncfg "github.com/prometheus/common/config"
	openai "github.com/sashabaranov/go-openai"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// OpenAI asks a server that speaks OpenAI's chat completions.
type OpenAI struct {
	cfg  OpenAIConfig
	http *http.Client
}

// NewOpenAI returns a provider for a valid configuration. It makes no connection.
func NewOpenAI(cfg OpenAIConfig) (*OpenAI, error) {
	client, err := commoncfg.NewClientFromConfig(cfg.HTTP, "llm")
	if err != nil {
		return nil, fmt.Errorf("advisor.openai.http: %w", err)
	}
	// A redirect would carry the prompt to a host that nobody configured.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return errRedirected }
	return &OpenAI{cfg: cfg, http: client}, nil
}

var errRedirected = errors.New("the server redirects (set advisor.openai.base_url to where it leads)")

// Source implements Provider.
func (o *OpenAI) Source() string { return "llm:" + evidence.Clean(o.cfg.Model, maxTitle) }

// Prompt implements Provider: the body of the request.
func (o *OpenAI) Prompt(q Question) []byte {
	body, err := json.Marshal(o.request(q)) // as the client does
	if err != nil {
		return []byte(err.Error()) // the request is made of strings and numbers: it always encodes
	}
	return body
}

// Ask implements Provider.
func (o *OpenAI) Ask(ctx context.Context, q Question) (Reply, error) {
	key, err := o.key()
	if err != nil {
		return Reply{}, err
	}
	config := openai.DefaultConfig(key)
	config.BaseURL, config.HTTPClient = o.cfg.BaseURL, bounded{o.http}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(o.cfg.Timeout))
	defer cancel()
	response, err := openai.NewClientWithConfig(config).CreateChatCompletion(ctx, o.request(q))
	if err != nil {
		return Reply{}, o.explain(ctx, err, key)
	}
	text, err := content(response)
	return Reply{Content: text, PromptTokens: response.Usage.PromptTokens, CompletionTokens: response.Usage.CompletionTokens}, err
}

// request is a question as the client takes it.
func (o *OpenAI) request(q Question) openai.ChatCompletionRequest {
	if o.cfg.ResponseFormat != formatSchema {
		q = q.withSchema()
	}
	request := openai.ChatCompletionRequest{
		Model: o.cfg.Model,
		// As near to zero as the client can send: it leaves out a plain 0.
		Temperature:    0.01,
		ResponseFormat: responseFormat(o.cfg.ResponseFormat),
	}
	for _, m := range q.Messages {
		request.Messages = append(request.Messages, openai.ChatCompletionMessage{Role: m.Role, Content: m.Content})
	}
	return limited(request, o.cfg.MaxTokens)
}

// limited bounds the answer's length by max_tokens, which every server knows
// except newer reasoning models of OpenAI's own: those want another name for it
// and no temperature.
func limited(request openai.ChatCompletionRequest, tokens int) openai.ChatCompletionRequest {
	older := request
	older.MaxTokens = tokens //nolint:staticcheck // deprecated at OpenAI, the only name that others know
	if openai.NewReasoningValidator().Validate(older) == nil {
		return older
	}
	request.MaxCompletionTokens, request.Temperature = tokens, 0
	return request
}

func responseFormat(format string) *openai.ChatCompletionResponseFormat {
	switch format {
	case formatObject:
		return &openai.ChatCompletionResponseFormat{Type: openai.ChatCompletionResponseFormatTypeJSONObject}
	case formatText:
		return nil
	}
	return &openai.ChatCompletionResponseFormat{
		Type:       openai.ChatCompletionResponseFormatTypeJSONSchema,
		JSONSchema: &openai.ChatCompletionResponseFormatJSONSchema{Name: "advice", Strict: true, Schema: answerSchema()},
	}
}

// maxKey bounds the file of an API key, in bytes.
const maxKey = 8 << 10

// key reads the API key; it is empty when none is configured.
func (o *OpenAI) key() (string, error) {
	if o.cfg.APIKeyFile == "" {
		if o.cfg.APIKeyEnv == "" {
			return "", nil
		}
		return strings.TrimSpace(os.Getenv(o.cfg.APIKeyEnv)), nil
	}
	raw, err := readBounded(o.cfg.APIKeyFile, maxKey)
	if err != nil {
		return "", fmt.Errorf("reading the API key: %w (check advisor.openai.api_key_file)", err)
	}
	key := strings.TrimSpace(string(raw))
	if key == "" || strings.ContainsAny(key, "\r\n") {
		return "", fmt.Errorf("%s holds no API key in one line (check advisor.openai.api_key_file)", o.cfg.APIKeyFile)
	}
	return key, nil
}

// content takes the answer's text out of a response.
func content(response openai.ChatCompletionResponse) (string, error) {
	if len(response.Choices) == 0 {
		return "", fmt.Errorf("%w: the response has no choices (is this an OpenAI-compatible server?)", errAnswer)
	}
	choice := response.Choices[0]
	if choice.Message.Refusal != "" {
		return "", fmt.Errorf("%w: %s", errRefused, evidence.Clean(redact.Text(choice.Message.Refusal), evidence.MaxSubject))
	}
	switch choice.FinishReason {
	case openai.FinishReasonLength:
		return choice.Message.Content, errTruncated
	case openai.FinishReasonContentFilter:
		return "", fmt.Errorf("%w: its content filter stopped it", errRefused)
	case openai.FinishReasonStop:
	default:
		return "", fmt.Errorf("%w: it ended with finish_reason %q", errAnswer, evidence.Clean(string(choice.FinishReason), maxTitle))
	}
	if strings.TrimSpace(choice.Message.Content) == "" {
		return "", fmt.Errorf("%w: it is empty", errAnswer)
	}
	return choice.Message.Content, nil
}

// explain makes an error of the client one for an operator: short, without
// anything secret the server may have repeated, ending in what to do.
func (o *OpenAI) explain(ctx context.Context, err error, key string) error {
	var apiErr *openai.APIError
	var requestErr *openai.RequestError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%w: nothing within %s (raise advisor.openai.timeout, or choose a faster model)", errSlow, o.cfg.Timeout)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &apiErr):
		return o.refused(apiErr.HTTPStatusCode, apiErr.Message, key)
	case errors.As(err, &requestErr):
		return o.refused(requestErr.HTTPStatusCode, string(requestErr.Body), key)
	case errors.Is(err, errRedirected):
		return fmt.Errorf("%w: %w", errStatus, errRedirected)
	case errors.Is(err, errTooLong):
		return fmt.Errorf("%w: %w", errAnswer, errTooLong)
	case isNetwork(err):
		return fmt.Errorf("%w: %s (check advisor.openai.base_url)", errUnreachable, tidy(err.Error(), key))
	}
	return fmt.Errorf("%w: its server sent no chat completion: %s", errAnswer, tidy(err.Error(), key))
}

func isNetwork(err error) bool {
	var urlErr interface{ Timeout() bool } // *url.Error and net.Error
	return errors.As(err, &urlErr)
}

func (o *OpenAI) refused(status int, message, key string) error {
	hint := "try later, or look at the server's log"
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		hint = "check advisor.openai.api_key_file or " + cmp.Or(o.cfg.APIKeyEnv, "api_key_env")
	case http.StatusNotFound:
		hint = "check advisor.openai.base_url and model"
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		hint = "the server may not know response_format " + o.cfg.ResponseFormat + ": try json_object or text"
	case http.StatusRequestEntityTooLarge:
		hint = "lower advisor.max_evidence"
	case http.StatusTooManyRequests:
		hint = "lower advisor.requests_per_day, or raise the account's limit"
	}
	return fmt.Errorf("%w with status %d: %s (%s)", errStatus, status, tidy(message, key), hint)
}

// tidy bounds and redacts what a server said.
func tidy(message, key string) string {
	if key != "" {
		message = strings.ReplaceAll(message, key, redact.Masked)
	}
	return evidence.Clean(redact.Text(message), evidence.MaxSubject)
}
