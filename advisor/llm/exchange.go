package llm

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
)

// maxResponse bounds a response of the server, in bytes.
const maxResponse = 2 << 20

var errTooLong = fmt.Errorf("it is longer than %d bytes (check advisor.openai.base_url)", maxResponse)

// exchange sends one request and keeps the response, because the client does not decode
// all errors and fields that servers use.
type exchange struct {
	client *http.Client
	status int // 0 without a response
	body   []byte
}

// Do implements openai.HTTPDoer.
func (x *exchange) Do(request *http.Request) (*http.Response, error) {
	response, err := x.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	x.status = response.StatusCode
	if x.body, err = io.ReadAll(io.LimitReader(response.Body, maxResponse+1)); err != nil {
		return nil, err
	}
	if len(x.body) > maxResponse {
		return nil, errTooLong
	}
	response.Body = io.NopCloser(bytes.NewReader(x.body))
	return response, nil
}

// readBounded reads a file of at most limit bytes.
func readBounded(path string, limit int64) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // the file was only read
	raw, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(raw)) > limit {
		err = fmt.Errorf("%s has more than %d bytes", path, limit)
	}
	return raw, err
}
