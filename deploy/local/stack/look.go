package stack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// mostBytes bounds an answer of a readiness check.
const mostBytes = 1 << 20

// fetch sends a request and reads a JSON answer into out, if wanted. Any status but 2xx
// is an error with the beginning of the answer.
func fetch(ctx context.Context, method, url, body string, out any) error {
	request, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, mostBytes))
	if err != nil {
		return err
	}
	if response.StatusCode/100 != 2 {
		return &statusError{what: method + " " + url, code: response.StatusCode, text: string(text)}
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(text, out)
}

// statusError is an answer that is not 2xx.
type statusError struct {
	what string
	code int
	text string
}

func (e *statusError) Error() string {
	return fmt.Sprintf("%s: %d: %.300s", e.what, e.code, strings.TrimSpace(e.text))
}
