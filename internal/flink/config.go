package flink

import (
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Config says where the JobManager is and how to speak to it.
type Config struct {
	// URL is the JobManager's REST address, for example http://jobmanager:8081.
	// A path is kept, for a JobManager behind a proxy.
	URL string `yaml:"url"`
	// Cluster is the name of the cluster in labels and history; empty means
	// host and port of URL.
	Cluster string `yaml:"cluster,omitempty"`
	// Timeout is how long one request may take, answer included.
	Timeout model.Duration `yaml:"timeout"`
	// HTTP holds TLS, credentials, headers and proxy, as in Prometheus.
	HTTP config.HTTPClientConfig `yaml:"http,omitempty"`
}

// DefaultConfig returns a Config that lacks only the URL.
func DefaultConfig() Config {
	return Config{
		Timeout: model.Duration(10 * time.Second),
		HTTP:    config.DefaultHTTPClientConfig,
	}
}

// UnmarshalYAML fills absent keys with the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	*c = DefaultConfig()
	type plain Config
	return unmarshal((*plain)(c))
}

// maxName is how many characters the name of a cluster may have: it is a label of
// every series.
const maxName = 100

// Validate returns what is wrong with the configuration. It sends no request.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	c.validateURL(&faults)
	if n := utf8.RuneCountInString(c.Cluster); n > maxName {
		faults.Add("cluster", "shorten it: it is a label of every series",
			"%d characters are more than the %d that a name may have", n, maxName)
	}
	if c.Timeout <= 0 {
		faults.Add("timeout", "give the longest time one request may take, for example 10s",
			"%s is not a time to wait", c.Timeout)
	}
	if err := c.HTTP.Validate(); err != nil {
		faults.Add("http", "see http_config in the Prometheus documentation", "%v", err)
	}
	return faults
}

func (c *Config) validateURL(faults *setting.Faults) {
	const fix = "set it to the JobManager's REST address, for example http://jobmanager:8081"
	u, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		faults.Add("url", fix, "is empty")
	case err != nil:
		// The text of err holds the URL, and with it possibly a password.
		faults.Add("url", fix, "is not a URL")
	case u.Scheme != "http" && u.Scheme != "https":
		faults.Add("url", fix, "does not begin with http:// or https://")
	case u.Host == "":
		faults.Add("url", fix, "names no host")
	case u.User != nil:
		faults.Add("url", "move them to flink.http.basic_auth, best with password_file", "holds credentials")
	case u.RawQuery != "" || u.Fragment != "":
		faults.Add("url", "remove what follows the path", "has a query or a fragment")
	}
}

// ClusterName is Cluster or, where that is empty, host and port of the URL.
func (c *Config) ClusterName() string {
	if c.Cluster != "" {
		return c.Cluster
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Host)
}

// SetDirectory makes relative paths of certificate and secret files relative
// to dir, the directory of the configuration file.
func (c *Config) SetDirectory(dir string) { c.HTTP.SetDirectory(dir) }
