package grafana

import (
	"strings"
	"testing"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

func TestConfigFaults(t *testing.T) {
	sound := func() Config {
		cfg := DefaultConfig()
		cfg.URL = "https://grafana.example/sub"
		return cfg
	}
	for _, tc := range []struct {
		name   string
		change func(*Config)
		want   []string
	}{
		{"sound", func(*Config) {}, nil},
		{
			"no address", func(c *Config) { c.URL = "" },
			[]string{"url: is empty (write it as https://grafana.example)"},
		},
		{
			"no scheme", func(c *Config) { c.URL = "grafana:3000" },
			[]string{"url: is not an HTTP address (write it as https://grafana.example)"},
		},
		{
			"password in the address", func(c *Config) { c.URL = "http://a:b@host" },
			[]string{"url: holds a password (use token_file, or http.basic_auth with a password_file)"},
		},
		{
			"two tokens", func(c *Config) { c.TokenFile, c.TokenEnv = "a", "B" },
			[]string{"token_env: token_file is set too (keep one of them)"},
		},
		{
			"token and basic auth", func(c *Config) {
				c.TokenFile, c.HTTP.BasicAuth = "a",
					&commoncfg.BasicAuth{Username: "u"}
			},
			[]string{"http: has an authorization of its own (keep it or the token, not both)"},
		},
		{
			"panel without dashboard", func(c *Config) { c.PanelID = 3 },
			[]string{"panel_id: a panel belongs to a dashboard (set dashboard_uid too)"},
		},
		{
			"many tags", func(c *Config) { c.Tags = []string{"a", "b", "c"} },
			[]string{"tags: are 3, more than 2 (remove some: many long tags make annotations slow)"},
		},
		{
			"long tag", func(c *Config) { c.Tags = []string{strings.Repeat("x", 51)} },
			[]string{`tags: "` + strings.Repeat("x", 51) + `" must have between 1 and 50 characters (shorten it)`},
		},
		{
			"no room", func(c *Config) { c.MaxPerHour = 0 },
			[]string{"max_per_hour: 0 is not a number of annotations (use a number such as 60)"},
		},
		{
			"kept for a minute", func(c *Config) { c.Keep = model.Duration(time.Minute) },
			[]string{"keep: 1m is too short (use a time such as 90d, or 0 to keep them)"},
		},
		{
			"no timeout", func(c *Config) { c.Timeout = 0 },
			[]string{"timeout: 0s is not a timeout (use a time such as 10s)"},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			cfg := sound()
			tc.change(&cfg)
			var got []string
			for _, fault := range cfg.Validate() {
				got = append(got, fault.Error())
			}
			require.Equal(t, tc.want, got)
		})
	}
}
