package elasticsearch

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"github.com/elastic/go-elasticsearch/v8/esapi"
)

const (
	// productHeader is the header in which Elasticsearch (since 7.14) names itself.
	// Some proxies remove it.
	productHeader, product = "X-Elastic-Product", "Elasticsearch"
	// The texts with which the two products identify themselves at GET /.
	elasticTagline, openSearch = "You Know, for Search", "opensearch"
	// maxIntroduction bounds the answer to GET /, in bytes. It has about 600 bytes.
	maxIntroduction = 64 << 10
)

// isProduct reports whether an answer comes from Elasticsearch or OpenSearch. Without
// the header it asks the server once.
func (c *client) isProduct(ctx context.Context, resp *esapi.Response) bool {
	if c.known.Load() {
		return true
	}
	if resp.Header.Get(productHeader) == product || c.introducesItself(ctx) {
		c.known.Store(true)
		return true
	}
	return false
}

func (c *client) introducesItself(ctx context.Context) bool {
	resp, err := esapi.InfoRequest{}.Do(ctx, c.transport)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxIntroduction))
	return err == nil && isIntroduction(body)
}

// isIntroduction checks the answer to GET /. A user without the right to this request
// gets an error in a form that only these products use.
func isIntroduction(body []byte) bool {
	var answer struct {
		Tagline string
		Version struct{ Number, Distribution string }
		Error   json.RawMessage
	}
	if json.Unmarshal(body, &answer) != nil {
		return false
	}
	if len(answer.Error) > 0 {
		return isTheirError(answer.Error)
	}
	known := answer.Tagline == elasticTagline || strings.EqualFold(answer.Version.Distribution, openSearch)
	return known && answer.Version.Number != ""
}

// isTheirError recognises {"root_cause":[{"type":…}],…}.
func isTheirError(raw json.RawMessage) bool {
	var answer struct {
		Cause []struct{ Type string } `json:"root_cause"`
	}
	return json.Unmarshal(raw, &answer) == nil && len(answer.Cause) > 0 && answer.Cause[0].Type != ""
}
