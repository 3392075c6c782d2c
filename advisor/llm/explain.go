package llm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	openai "github.com/sashabaranov/go-openai"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

var errFiltered = fmt.Errorf("%w: its content filter stopped it", errRefused)

// explain turns an error of the client into one for an operator. It is short, ends in
// what to do, and hides secrets that the server may have repeated.
func (o *OpenAI) explain(ctx context.Context, err error, x *exchange, request openai.ChatCompletionRequest,
	key string,
) error {
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return fmt.Errorf("%w: no answer within %s (raise advisor.openai.timeout, or choose a faster model)",
			errSlow, o.cfg.Timeout)
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, errRedirected):
		return fmt.Errorf("%w: %w", errStatus, errRedirected)
	case errors.Is(err, errTooLong):
		return fmt.Errorf("%w: %w", errForeign, errTooLong)
	case isNetwork(err):
		return fmt.Errorf("%w: %s (check advisor.openai.base_url)", errUnreachable, tidy(err.Error(), key))
	case x.status == 0:
		return fmt.Errorf("the request can't be made: %s (check advisor.openai.model and reasoning_effort)",
			tidy(err.Error(), key))
	case x.status >= http.StatusBadRequest || err == nil:
		return o.refused(x.status, faultOf(x.body), request, key)
	}
	return fmt.Errorf("%w: %s (check advisor.openai.base_url)", errForeign, tidy(err.Error(), key))
}

func isNetwork(err error) bool {
	var urlErr interface{ Timeout() bool } // *url.Error and net.Error
	return errors.As(err, &urlErr)
}

// refused explains a refusal by the server. If the refused parameter is optional, later
// requests omit it.
func (o *OpenAI) refused(status int, f fault, request openai.ChatCompletionRequest, key string) error {
	said := tidy(f.message, key)
	if f.code == "content_filter" {
		return fmt.Errorf("%w: %s", errFiltered, said)
	}
	refused := ""
	if isRequest(status) {
		refused = f.blames(sentIn(request))
	}
	if o.adapt(refused, request) {
		return fmt.Errorf("%w with status %d: %s: %s: %w", errStatus, status, refused, said, errAdapted)
	}
	return fmt.Errorf("%w with status %d: %s (%s)", errStatus, status, said, o.hint(status, f, refused))
}

// isRequest reports whether a status means that the server refuses the request itself.
func isRequest(status int) bool {
	return slices.Contains([]int{
		http.StatusBadRequest, http.StatusUnprocessableEntity,
		http.StatusNotImplemented,
	}, status)
}

// hint returns what to do about a refusal.
func (o *OpenAI) hint(status int, f fault, refused string) string {
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return "check advisor.openai.api_key_file or " + cmp.Or(o.cfg.APIKeyEnv, "api_key_env")
	case status == http.StatusNotFound && o.cfg.APIType == apiAzure:
		return "check advisor.openai.base_url, api_version and model, which is the deployment's name"
	case status == http.StatusNotFound:
		return "check advisor.openai.base_url and model"
	case status == http.StatusTooManyRequests:
		return "lower advisor.requests_per_day, or raise the account's limit"
	case status == http.StatusRequestEntityTooLarge:
		return "lower advisor.max_evidence"
	case isRequest(status) && f.isTooMuch():
		return "lower advisor.max_evidence or advisor.openai.max_tokens"
	case refused != "":
		return "check advisor.openai." + strings.Replace(refused, paramCompletion, paramTokens, 1)
	case f.param == "model":
		return "check advisor.openai.model"
	case status < http.StatusInternalServerError && status >= http.StatusBadRequest:
		return "look at the server's log, or try another model"
	}
	return "try later, or look at the server's log"
}

// tidy bounds and redacts a server's message.
func tidy(message, key string) string {
	if key != "" {
		message = strings.ReplaceAll(message, key, redact.Masked)
	}
	return evidence.Clean(redact.Text(message), evidence.MaxSubject)
}
