package elasticsearch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/elastic/go-elasticsearch/v8/esapi"

	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// CheckedIndex is the index of a sink.
type CheckedIndex struct {
	// Key is the configuration key of the sink, for example "sinks[2].elasticsearch".
	Key, Sink string
	Config    SinkConfig
}

// Check looks at the cluster and at each index that the probe searches. It changes nothing.
// onTime is the time within which a record should be seen. A nil dial means the network.
func (c *Config) Check(
	ctx context.Context, indices []CheckedIndex, onTime time.Duration, dial synthetic.DialFunc,
) []check.Result {
	found := &check.Results{Area: Target}
	for i, index := range indices {
		client, err := newClient(c, index.Sink, index.Config.Index, dial)
		if err != nil {
			found.Add("connection", check.Failed, nil, "%v", err)
			return found.All
		}
		checker := checker{cfg: c, client: client, index: index, onTime: onTime}
		if i > 0 || checker.server(ctx, found) {
			of := found.For(index.Config.Index)
			checker.look(ctx, of)
			found.All = append(found.All, of.All...)
		}
		_ = client.close(ctx) // the answers are there
	}
	return found.All
}

// checker makes the checks of one index.
type checker struct {
	cfg    *Config
	client *client
	index  CheckedIndex
	onTime time.Duration
}

// server says which product answers, and reports whether one does.
func (c *checker) server(ctx context.Context, found *check.Results) bool {
	product, err := c.client.introduction(ctx)
	switch {
	case errors.Is(err, synthetic.ErrNoRight):
		// A user of one index may lack the right to ask for the version.
		found.Add("connection", check.Unknown, nil, "%v", err)
		return true
	case err != nil:
		found.Add("connection", check.Failed, nil, "%v", err)
		return false
	}
	found.Add("connection", check.OK, nil, "%s", product)
	return true
}

// introduction returns product and version, for example "Elasticsearch 8.19.21".
func (c *client) introduction(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	resp, err := esapi.InfoRequest{}.Do(ctx, c.transport)
	if err != nil {
		return "", fmt.Errorf("elasticsearch: %s does not answer: %w (start it, or correct elasticsearch.urls)",
			c.address, err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxIntroduction))
	if err != nil {
		return "", fmt.Errorf("elasticsearch: the answer of %s broke off: %w (try again)", c.address, err)
	}
	if resp.StatusCode == http.StatusUnauthorized || resp.StatusCode == http.StatusForbidden {
		return "", c.statusError(ctx, resp, body)
	}
	var answer struct {
		Version struct{ Number, Distribution string }
	}
	if !isIntroduction(body) || json.Unmarshal(body, &answer) != nil || answer.Version.Number == "" {
		return "", fmt.Errorf("elasticsearch: %s answers, but is not Elasticsearch or OpenSearch: HTTP %d, %s "+
			"(correct elasticsearch.urls)", c.address, resp.StatusCode, contentType(resp))
	}
	name := product
	if strings.EqualFold(answer.Version.Distribution, openSearch) {
		name = "OpenSearch"
	}
	return name + " " + plaintext.Line(answer.Version.Number, 32) + " at " + c.address, nil
}

// look checks that the index can be searched for seeds, and how soon.
func (c *checker) look(ctx context.Context, found *check.Results) {
	fields := c.index.Config
	m, err := c.client.check(ctx, fields)
	switch {
	case errors.Is(err, synthetic.ErrMissing):
		found.Add("index", check.Failed, c.create(), "index %q does not exist", fields.Index)
		return
	case errors.Is(err, errNotKeyword):
		found.Add("seed", check.Failed, c.mapSeed(ctx), "%v", err)
	case errors.Is(err, synthetic.ErrNoRight):
		found.Add("rights", check.Failed, c.grant(), "%v", err)
		return
	case err != nil:
		found.Add("index", check.Failed, nil, "%v", err)
		return
	case m.partly != nil:
		found.Add("seed", check.Warning, nil, "%v", m.partly)
	case !m.known:
		found.Add("seed", check.OK, nil, "the index has no field %q yet: the first document makes it", fields.SeedField)
	default:
		found.Add("seed", check.OK, nil, "field %q finds a seed as a whole", fields.SeedField)
	}
	c.rights(ctx, found)
	c.refresh(ctx, found)
}

// curl is a request to the first node. The password is asked for where the sidecar has one.
func (c *checker) curl(method, path, body string) *check.Fix {
	user := ""
	if auth := c.cfg.HTTP.BasicAuth; auth != nil {
		user = " -u elastic"
	}
	return check.Shell("curl -fsS%s -X %s %s -H 'Content-Type: application/json' -d %s", user, method,
		check.Quoted(strings.TrimRight(c.cfg.URLs[0], "/")+path), check.Quoted(body))
}

func (c *checker) create() *check.Fix {
	if strings.ContainsAny(c.index.Config.Index, "*") {
		return nil // a pattern has no index of its own
	}
	return c.curl(http.MethodPut, "/"+c.index.Config.Index,
		fmt.Sprintf(`{"mappings":{"properties":{%q:{"type":"keyword"}}}}`, c.index.Config.SeedField))
}

// mapSeed adds a keyword field below a text field, or lifts the limit of a keyword. Another
// type refuses seeds, and only a new index repairs that.
func (c *checker) mapSeed(ctx context.Context) *check.Fix {
	var caps struct{ Fields map[string]fieldTypes }
	seed := c.index.Config.SeedField
	request := esapi.FieldCapsRequest{Index: []string{c.client.index}, Fields: []string{seed}}
	if c.client.do(ctx, request, &caps) != nil || strings.Contains(seed, ".") {
		return nil
	}
	mapping := ""
	for name := range caps.Fields[seed] {
		switch name {
		case "text", "match_only_text":
			mapping = fmt.Sprintf(`{"type":%q,"fields":{"keyword":{"type":"keyword","ignore_above":256}}}`, name)
		case "keyword":
			mapping = `{"type":"keyword","ignore_above":256}`
		}
	}
	if mapping == "" {
		return nil
	}
	return c.curl(http.MethodPut, "/"+c.index.Config.Index+"/_mapping", fmt.Sprintf(`{"properties":{%q:%s}}`, seed, mapping))
}

// privileges are what the probe needs of the index.
func (c *checker) privileges() []string {
	needed := []string{"read", "view_index_metadata"}
	if c.index.Config.Cleanup == cleanupDelete {
		needed = append(needed, "delete")
	}
	return needed
}

// grant makes a role with the privileges; the user still needs the role.
func (c *checker) grant() *check.Fix {
	return c.curl(http.MethodPut, "/_security/role/flink_sidecar", c.role())
}

func (c *checker) role() string {
	body, _ := json.Marshal(map[string]any{"indices": []any{map[string]any{ // always encodes
		"names": []string{c.index.Config.Index}, "privileges": c.privileges(),
	}}})
	return string(body)
}

// rights asks Elasticsearch whether the user has the privileges. OpenSearch, and
// Elasticsearch without security, have no such request.
func (c *checker) rights(ctx context.Context, found *check.Results) {
	var answer struct {
		All   *bool                      `json:"has_all_requested"`
		Index map[string]map[string]bool `json:"index"`
	}
	request := esapi.SecurityHasPrivilegesRequest{Body: strings.NewReader(strings.Replace(c.role(), "indices", "index", 1))}
	if err := c.client.do(ctx, request, &answer); err != nil || answer.All == nil {
		found.Add("rights", check.Unknown, nil, "the right to search is there; %s does not tell whether the right %q is",
			c.client.address, c.privileges()[len(c.privileges())-1])
		return
	}
	if *answer.All {
		found.Add("rights", check.OK, nil, "%s", strings.Join(c.privileges(), ", "))
		return
	}
	var missing []string
	for _, privilege := range c.privileges() {
		if !answer.Index[c.index.Config.Index][privilege] {
			missing = append(missing, privilege)
		}
	}
	found.Add("rights", check.Failed, c.grant(), "the user lacks %s on index %q (then give it the role flink_sidecar)",
		strings.Join(missing, ", "), c.index.Config.Index)
}

// refresh compares how soon documents become visible with how soon they should.
func (c *checker) refresh(ctx context.Context, found *check.Results) {
	every, explicit, err := c.client.refreshInterval(ctx)
	set := c.curl(http.MethodPut, "/"+c.index.Config.Index+"/_settings", `{"index":{"refresh_interval":"1s"}}`)
	switch {
	case errors.Is(err, errNoAnswer) || errors.Is(err, synthetic.ErrNoRight):
		found.Add("refresh", check.Unknown, nil, "%v", err)
	case err != nil:
		found.Add("refresh", check.Failed, set, "%v: documents do not become visible by themselves", err)
	case every >= c.onTime:
		found.Add("refresh", check.Warning, set, "documents become visible every %s, probe.on_time_within is %s", every, c.onTime)
	case !explicit:
		found.Add("refresh", check.OK, nil, "every %s by default, as long as somebody searches: the probe does", every)
	default:
		found.Add("refresh", check.OK, nil, "every %s", every)
	}
}
