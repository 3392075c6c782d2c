package synthetic

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	promconfig "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// The SASL mechanisms that are spoken.
const (
	saslPlain       = "PLAIN"
	saslScramSHA256 = "SCRAM-SHA-256"
	saslScramSHA512 = "SCRAM-SHA-512"
)

// maxSecretBytes bounds a password file.
const maxSecretBytes = 4 << 10

// KafkaConfig is the section kafka: how the brokers are reached.
type KafkaConfig struct {
	// Brokers are host:port each; one that answers is enough.
	Brokers []string `yaml:"brokers"`
	// TLS is nil for plaintext.
	TLS *promconfig.TLSConfig `yaml:"tls"`
	// SASL is nil for no authentication.
	SASL *SASLConfig `yaml:"sasl"`
}

// SASLConfig names the user that the probe acts as. The password is only ever
// read from a file, anew for each connection, so that it can be rotated.
type SASLConfig struct {
	Mechanism    string `yaml:"mechanism"`
	Username     string `yaml:"username"`
	PasswordFile string `yaml:"password_file"`
}

// Validate returns what is wrong with the section. Files that it names are not
// opened: they may not be on the machine where a configuration is checked.
func (c *KafkaConfig) Validate() setting.Faults {
	var faults setting.Faults
	if len(c.Brokers) == 0 {
		faults.Add("brokers", "list at least one as host:port", "no brokers are named")
	}
	for i, broker := range c.Brokers {
		if _, _, err := net.SplitHostPort(broker); err != nil {
			faults.Add(fmt.Sprintf("brokers[%d]", i), "write it as host:port", "%q is not an address", broker)
		}
	}
	if c.TLS != nil {
		if err := c.TLS.Validate(); err != nil {
			faults.Add("tls", "correct it as Prometheus' tls_config is written", "%v", err)
		}
	}
	if c.SASL != nil {
		faults = append(faults, c.SASL.validate().Under("sasl")...)
	}
	return faults
}

func (c *SASLConfig) validate() setting.Faults {
	var faults setting.Faults
	mechanisms := []string{saslPlain, saslScramSHA256, saslScramSHA512}
	if !slices.Contains(mechanisms, c.Mechanism) {
		faults.Add("mechanism", "use "+strings.Join(mechanisms, ", "), "%q is not a known mechanism", c.Mechanism)
	}
	if c.Username == "" {
		faults.Add("username", "set it", "no user is named")
	}
	if c.PasswordFile == "" {
		faults.Add("password_file", "put the password in a file and name it here", "no password file is named")
	}
	return faults
}

// password reads the secret as it is now.
func (c *SASLConfig) password() (string, error) {
	info, err := os.Stat(c.PasswordFile)
	switch {
	case err != nil:
		return "", fmt.Errorf("kafka: %w (create the file, or correct kafka.sasl.password_file)", err)
	case info.Size() > maxSecretBytes:
		return "", fmt.Errorf("kafka: %s has %d bytes, too many for a password (correct kafka.sasl.password_file)", c.PasswordFile, info.Size())
	}
	raw, err := os.ReadFile(c.PasswordFile)
	if err != nil {
		return "", fmt.Errorf("kafka: %w (make it readable for this user)", err)
	}
	return strings.TrimRight(string(raw), "\r\n"), nil
}

// ElasticsearchConfig is the section elasticsearch: how the cluster is reached.
type ElasticsearchConfig struct {
	// URLs are tried in turn.
	URLs []string `yaml:"urls"`
	// Timeout bounds one request.
	Timeout model.Duration `yaml:"timeout"`
	// HTTP is TLS and authentication as Prometheus' http_config writes them.
	HTTP promconfig.HTTPClientConfig `yaml:"http"`
}

// DefaultElasticsearchConfig returns the section's defaults; urls have none.
func DefaultElasticsearchConfig() ElasticsearchConfig {
	return ElasticsearchConfig{Timeout: model.Duration(10 * time.Second), HTTP: promconfig.DefaultHTTPClientConfig}
}

// UnmarshalYAML fills absent keys with the defaults.
func (c *ElasticsearchConfig) UnmarshalYAML(unmarshal func(any) error) error {
	*c = DefaultElasticsearchConfig()
	type plain ElasticsearchConfig
	return unmarshal((*plain)(c))
}

// Validate returns what is wrong with the section.
func (c *ElasticsearchConfig) Validate() setting.Faults {
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

// parseURL accepts what can be the root of an HTTP server. Credentials in the
// address are refused: they would end in logs.
func parseURL(raw string) (*url.URL, error) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, errors.New("the address can't be parsed")
	case u.User != nil:
		return nil, errors.New("the address holds credentials, which belong under http")
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, fmt.Errorf("%q is not an http or https address", raw)
	}
	return u, nil
}
