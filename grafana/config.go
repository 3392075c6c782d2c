package grafana

import (
	"net/url"
	"time"
	"unicode/utf8"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Config is the section "grafana" of the configuration.
type Config struct {
	// URL is Grafana's root, with its sub-path if it has one.
	URL string `yaml:"url"`
	// TokenFile holds a service account's token (role Editor). It is read for each
	// request, so that a token can be renewed.
	TokenFile string `yaml:"token_file"`
	// TokenEnv names an environment variable with the token, if there is no file.
	TokenEnv string `yaml:"token_env"`
	// DashboardUID puts annotations on one dashboard; empty means all dashboards that
	// show annotations of the organization by tag. PanelID restricts it to a panel.
	DashboardUID string `yaml:"dashboard_uid"`
	PanelID      int64  `yaml:"panel_id"`
	// Tags are additional tags of each annotation; at most two.
	Tags []string `yaml:"tags"`
	// MaxPerHour is how many new annotations are made within an hour. Further ones are only in
	// the history.
	MaxPerHour int `yaml:"max_per_hour"`
	// Keep is how long annotations are kept after their end; 0 is for ever, or as long as
	// Grafana keeps them.
	Keep model.Duration `yaml:"keep"`
	// Timeout is for one request.
	Timeout model.Duration             `yaml:"timeout"`
	HTTP    commoncfg.HTTPClientConfig `yaml:"http"`
}

// maxUserTags leaves room for the sidecar's own tags among the six that stay readable.
const maxUserTags = 2

// minKeep is longer than any region is open.
const minKeep = 24 * time.Hour

// DefaultConfig has no URL: it must be set.
func DefaultConfig() Config {
	return Config{MaxPerHour: 60, Timeout: model.Duration(10 * time.Second), HTTP: commoncfg.DefaultHTTPClientConfig}
}

// UnmarshalYAML fills absent keys with the defaults.
func (c *Config) UnmarshalYAML(unmarshal func(any) error) error {
	*c = DefaultConfig()
	type plain Config
	return unmarshal((*plain)(c))
}

// Validate returns what is wrong with the section. It opens nothing.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	root, err := url.Parse(c.URL)
	switch {
	case c.URL == "":
		faults.Add("url", "write it as https://grafana.example", "is empty")
	case err != nil || (root.Scheme != "http" && root.Scheme != "https") || root.Host == "" || root.RawQuery != "":
		faults.Add("url", "write it as https://grafana.example", "is not an HTTP address")
	case root.User != nil:
		faults.Add("url", "use token_file, or http.basic_auth with a password_file", "holds a password")
	}
	c.validateCredentials(&faults)
	if c.PanelID < 0 || (c.PanelID > 0 && c.DashboardUID == "") {
		faults.Add("panel_id", "set dashboard_uid too", "a panel belongs to a dashboard")
	}
	if len(c.Tags) > maxUserTags {
		faults.Add("tags", "remove some: many long tags make annotations slow", "are %d, more than %d", len(c.Tags),
			maxUserTags)
	}
	for _, tag := range c.Tags {
		if tag == "" || utf8.RuneCountInString(tag) > maxTag {
			faults.Add("tags", "shorten it", "%q must have between 1 and %d characters", tag, maxTag)
		}
	}
	if c.MaxPerHour <= 0 {
		faults.Add("max_per_hour", "use a number such as 60", "%d is not a number of annotations", c.MaxPerHour)
	}
	if c.Keep < 0 || (c.Keep > 0 && c.Keep < model.Duration(minKeep)) {
		faults.Add("keep", "use a time such as 90d, or 0 to keep them", "%s is too short", c.Keep)
	}
	if c.Timeout <= 0 {
		faults.Add("timeout", "use a time such as 10s", "%s is not a timeout", c.Timeout)
	}
	return faults
}

func (c *Config) validateCredentials(faults *setting.Faults) {
	if c.TokenFile != "" && c.TokenEnv != "" {
		faults.Add("token_env", "keep one of them", "token_file is set too")
	}
	if err := c.HTTP.Validate(); err != nil {
		faults.Add("http", "see Prometheus' http_config", "%v", err)
	}
	own := c.HTTP.Authorization != nil || c.HTTP.BasicAuth != nil || c.HTTP.OAuth2 != nil
	if own && (c.TokenFile != "" || c.TokenEnv != "") {
		faults.Add("http", "keep it or the token, not both", "has an authorization of its own")
	}
}
