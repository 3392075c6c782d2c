package elasticsearch

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Config is the section elasticsearch: the connection to the cluster.
type Config struct {
	// URLs are tried in turn.
	URLs []string `yaml:"urls"`
	// Timeout bounds one request.
	Timeout model.Duration `yaml:"timeout"`
	// HTTP configures TLS and authentication, in the form of Prometheus' http_config.
	HTTP promconfig.HTTPClientConfig `yaml:"http"`
}

// DefaultConfig returns the section's defaults; urls have none.
func DefaultConfig() Config {
	return Config{Timeout: model.Duration(10 * time.Second), HTTP: promconfig.DefaultHTTPClientConfig}
}

// UnmarshalYAML fills absent keys with the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	*c = DefaultConfig()
	type plain Config
	return unmarshal((*plain)(c))
}

// Validate returns what is wrong with the section.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	if len(c.URLs) == 0 {
		faults.Add("urls", "list at least one, as http://host:9200", "no address is named")
	}
	for i, raw := range c.URLs {
		if _, err := parseURL(raw); err != nil {
			faults.Add(fmt.Sprintf("urls[%d]", i), "write it as http://host:9200", "%v", err)
		}
	}
	if c.Timeout < model.Duration(time.Second) {
		faults.Add("timeout", "raise it", "%s is below 1s", c.Timeout)
	}
	if err := c.HTTP.Validate(); err != nil {
		faults.Add("http", "correct it as Prometheus' http_config is written", "%v", err)
	}
	return faults
}

// parseURL accepts the root of an HTTP server. It refuses credentials in the address,
// because they would appear in logs.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the address can't be parsed")
	case u.User != nil:
		return nil, errors.New("the address contains credentials, set them under http")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("%q is not an http or https address", raw)
	}
	return u, nil
}

// The treatments of the probe's own documents.
const (
	cleanupDelete = "delete"
	cleanupKeep   = "keep"
)

// SinkConfig is an index that the job writes.
type SinkConfig struct {
	// Index is an index, an alias, a data stream or a pattern of them.
	Index string `yaml:"index"`
	// SeedField holds the seed and is mapped as keyword.
	SeedField string `yaml:"seed_field"`
	// IngestedField and IndexedField hold the times at which the job read the record
	// and at which Elasticsearch received the document. Both are optional.
	IngestedField string `yaml:"ingested_field"`
	IndexedField  string `yaml:"indexed_field"`
	// Cleanup is delete or keep. It has no default: the operator decides.
	Cleanup string `yaml:"cleanup"`
}

// UnmarshalYAML fills absent keys with the defaults.
func (s *SinkConfig) UnmarshalYAML(unmarshal func(any) error) error {
	*s = SinkConfig{SeedField: "seed"}
	type plain SinkConfig
	return unmarshal((*plain)(s))
}

// Validate returns the faults of the section.
func (s *SinkConfig) Validate() setting.Faults {
	var faults setting.Faults
	switch {
	case s.Index == "":
		faults.Add("index", "name the index that the job writes", "no index is named")
	case strings.ContainsAny(s.Index, `/\?"<>| ,#`) || strings.HasPrefix(s.Index, "_") || s.Index == "*":
		faults.Add("index", "name one index, alias, data stream or pattern", "%q can't be searched", s.Index)
	}
	if s.SeedField == "" {
		faults.Add("seed_field", "name the keyword field with the seed", "no seed field is named")
	}
	if s.Cleanup != cleanupDelete && s.Cleanup != cleanupKeep {
		faults.Add(
			"cleanup", "use delete (the probe removes its documents) or keep (your index's lifecycle does)",
			"%q is not a way of cleanup", s.Cleanup,
		)
	}
	return faults
}

// Deletes reports whether one of two sinks deletes its documents.
func (s *SinkConfig) Deletes(other *SinkConfig) bool {
	return s.Cleanup == cleanupDelete || other.Cleanup == cleanupDelete
}

// keywordSuffix is the suffix that dynamic mapping gives to the keyword field below a
// text field.
const keywordSuffix = ".keyword"

// seedFields are the fields that may hold whole seeds, the configured one first.
func (s *SinkConfig) seedFields() []string {
	if parent, isBelow := strings.CutSuffix(s.SeedField, keywordSuffix); isBelow {
		return []string{s.SeedField, parent}
	}
	return []string{s.SeedField, s.SeedField + keywordSuffix}
}

// readFields are the fields that are read from a document.
func (s *SinkConfig) readFields() []string {
	names := s.seedFields()
	for _, name := range []string{s.IngestedField, s.IndexedField} {
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}
