package pyroscope

import (
	"net/url"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/lazyregexp"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Config names a Pyroscope server to which each profile is sent, so that the profiles of
// many jobs are in one place.
type Config struct {
	// URL is the server's root, for example http://pyroscope:4040.
	URL string `yaml:"url"`
	// App is the beginning of the application's name; the kind of profile follows.
	App string `yaml:"app"`
	// Timeout is for one request.
	Timeout model.Duration             `yaml:"timeout"`
	HTTP    commoncfg.HTTPClientConfig `yaml:"http"`
}

// appName matches a name that Pyroscope accepts and that a kind of profile can follow.
var appName = lazyregexp.New(`^[a-zA-Z][a-zA-Z0-9_.-]{0,63}$`)

// UnmarshalYAML fills absent keys with the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	*c = Config{App: "flink", Timeout: model.Duration(10 * time.Second), HTTP: commoncfg.DefaultHTTPClientConfig}
	type plain Config
	return unmarshal((*plain)(c))
}

// Validate returns what is wrong with the section.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	root, err := url.Parse(c.URL)
	switch {
	case err != nil || root.Scheme != "http" && root.Scheme != "https" || root.Host == "" || root.RawQuery != "":
		faults.Add("url", "write it as http://pyroscope:4040", "%q is not an HTTP address", c.URL)
	case root.User != nil:
		faults.Add("url", "use http.basic_auth with a password_file", "holds a password")
	}
	if !appName().MatchString(c.App) {
		faults.Add("app", "use letters, digits, _, - and .", "%q is not the name of an application", c.App)
	}
	if c.Timeout <= 0 {
		faults.Add("timeout", "use a time such as 10s", "%s is not a timeout", c.Timeout)
	}
	if err := c.HTTP.Validate(); err != nil {
		faults.Add("http", "see Prometheus' http_config", "%v", err)
	}
	return faults
}
