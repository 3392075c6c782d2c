package llm

import (
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
)

// OpenAI asks a server with OpenAI's chat completions. It is safe for concurrent use.
type OpenAI struct {
	cfg     OpenAIConfig
	http    *http.Client
	manners manners
}

// NewOpenAI returns a provider for a valid configuration. It makes no connection.
func NewOpenAI(cfg OpenAIConfig) (*OpenAI, error) {
	client, err := commoncfg.NewClientFromConfig(cfg.HTTP, "llm")
	if err != nil {
		return nil, fmt.Errorf("advisor.openai.http: %w", err)
	}
	// A redirect would send the prompt to a host that is not configured.
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
		return []byte(err.Error()) // a valid configuration always encodes
	}
	return body
}

// Ask implements Provider. An error that wraps errAdapted means that the next request
// omits the refused parameter.
func (o *OpenAI) Ask(ctx context.Context, q Question) (Reply, error) {
	key, err := o.key()
	if err != nil {
		return Reply{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, time.Duration(o.cfg.Timeout))
	defer cancel()
	x := &exchange{client: o.http}
	request := o.request(q)
	response, err := openai.NewClientWithConfig(o.client(key, x)).CreateChatCompletion(ctx, request)
	if err != nil || len(response.Choices) == 0 && faultOf(x.body).isStated() {
		return Reply{}, o.explain(ctx, err, x, request, key)
	}
	return replyOf(response, x.body)
}

func (o *OpenAI) client(key string, x *exchange) openai.ClientConfig {
	config := openai.DefaultConfig(key)
	config.BaseURL, config.HTTPClient = o.cfg.BaseURL, x
	if o.cfg.APIType == apiAzure {
		config.APIType, config.APIVersion = openai.APITypeAzure, o.cfg.APIVersion
	}
	return config
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
