package advisor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	commoncfg "github.com/prometheus/common/config"
	openai "github.com/sashabaranov/go-openai"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// overHTTP asks a server that speaks OpenAI's chat completions.
type overHTTP struct {
	cfg     OpenAIConfig
	http    *http.Client
	metrics *metrics
}

func newOpenAI(cfg OpenAIConfig, m *metrics) (*overHTTP, error) {
	client, err := commoncfg.NewClientFromConfig(cfg.HTTP, "llm")
	if err != nil {
		return nil, fmt.Errorf("advisor.openai.http: %w", err)
	}
	// A redirect would carry the prompt to a host that nobody configured.
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return errRedirected }
	return &overHTTP{cfg: cfg, http: client, metrics: m}, nil
}

var errRedirected = errors.New("the server redirects (set advisor.openai.base_url to where it leads)")

func (o *overHTTP) ask(ctx context.Context, request openai.ChatCompletionRequest) (string, error) {
	key, err := o.key()
	if err != nil {
		return "", err
	}
	config := openai.DefaultConfig(key)
	config.BaseURL, config.HTTPClient = o.cfg.BaseURL, bounded{o.http}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(o.cfg.Timeout))
	defer cancel()
	response, err := openai.NewClientWithConfig(config).CreateChatCompletion(ctx, request)
	if err != nil {
		return "", o.explain(ctx, err, key)
	}
	o.metrics.tokens.WithLabelValues("prompt").Add(float64(max(0, response.Usage.PromptTokens)))
	o.metrics.tokens.WithLabelValues("completion").Add(float64(max(0, response.Usage.CompletionTokens)))
	return content(response)
}

// maxKey bounds the file of an API key, in bytes.
const maxKey = 8 << 10

// key reads the API key; it is empty when none is configured.
func (o *overHTTP) key() (string, error) {
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
func (o *overHTTP) explain(ctx context.Context, err error, key string) error {
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

func (o *overHTTP) refused(status int, message, key string) error {
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

// maxResponse bounds a response of the server, in bytes.
const maxResponse = 2 << 20

var errTooLong = fmt.Errorf("the response is longer than %d bytes", maxResponse)

// bounded is an HTTP client whose response bodies end with errTooLong.
type bounded struct{ client *http.Client }

// Do implements openai.HTTPDoer.
func (b bounded) Do(request *http.Request) (*http.Response, error) {
	response, err := b.client.Do(request)
	if err != nil {
		return nil, err
	}
	response.Body = &boundedBody{ReadCloser: response.Body, left: maxResponse}
	return response, nil
}

type boundedBody struct {
	io.ReadCloser
	left int
}

func (b *boundedBody) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errTooLong
	}
	n, err := b.ReadCloser.Read(p[:min(len(p), b.left)])
	b.left -= n
	return n, err
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	raw, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return raw, err
}
