package notify

import (
	"net/url"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Config is the section "notify" of the configuration.
type Config struct {
	Alertmanager *Alertmanager `yaml:"alertmanager"`
}

// Alertmanager is the key "alertmanager" of the section.
type Alertmanager struct {
	// URLs are the roots of all members of one Alertmanager cluster: each gets every alert,
	// as from Prometheus.
	URLs []string `yaml:"urls"`
	// Timeout is for one request.
	Timeout model.Duration `yaml:"timeout"`
	// Repeat is the time between two requests about an alert that fires.
	Repeat model.Duration `yaml:"repeat"`
	// Labels are added to each alert, for Alertmanager's routes.
	Labels map[string]string          `yaml:"labels"`
	HTTP   commoncfg.HTTPClientConfig `yaml:"http"`
}

// UnmarshalYAML fills absent keys with the defaults.
func (c *Alertmanager) UnmarshalYAML(unmarshal func(any) error) error {
	*c = Alertmanager{
		Timeout: model.Duration(10 * time.Second), Repeat: model.Duration(time.Minute),
		HTTP: commoncfg.DefaultHTTPClientConfig,
	}
	type plain Alertmanager
	return unmarshal((*plain)(c))
}

// reserved are the labels that say what an alert is about.
var reserved = map[string]bool{
	"alertname": true, "origin": true, "cluster": true, "job": true, "vertex": true, "severity": true,
}

// The bounds of the time between two requests. A shorter one is load without a use, and with
// a longer one a dead sidecar's alerts would stand for hours.
const (
	minRepeat = model.Duration(time.Second)
	maxRepeat = model.Duration(time.Hour)
)

// Validate returns what is wrong with the section. It opens nothing.
func (c *Config) Validate() setting.Faults {
	if c.Alertmanager == nil {
		var faults setting.Faults
		faults.Add("alertmanager", "add alertmanager.urls, or remove the section", "is missing")
		return faults
	}
	return c.Alertmanager.validate().Under("alertmanager")
}

func (c *Alertmanager) validate() setting.Faults {
	var faults setting.Faults
	if len(c.URLs) == 0 {
		faults.Add("urls", "list the members, for example http://alertmanager:9093", "is empty")
	}
	for _, address := range c.URLs {
		u, err := url.Parse(address)
		switch {
		case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.RawQuery != "":
			faults.Add("urls", "write it as http://alertmanager:9093", "an entry is not an HTTP address")
		case u.User != nil:
			faults.Add("urls", "use http.basic_auth with a password_file", "an entry holds a password")
		}
	}
	if err := c.HTTP.Validate(); err != nil {
		faults.Add("http", "see Prometheus' http_config", "%v", err)
	}
	if c.Timeout <= 0 {
		faults.Add("timeout", "use a time such as 10s", "%s is not a timeout", c.Timeout)
	}
	if c.Repeat < minRepeat || c.Repeat > maxRepeat {
		faults.Add("repeat", "use 1m, for example", "%s is not from %s to %s", c.Repeat, minRepeat, maxRepeat)
	}
	for name, value := range c.Labels {
		switch {
		case !model.LegacyValidation.IsValidLabelName(name):
			faults.Add("labels", "use letters, digits and _", "%q is not the name of a label", name)
		case reserved[name]:
			faults.Add("labels", "choose another name", "%q is set by the sidecar", name)
		case value == "" || !model.LabelValue(value).IsValid():
			faults.Add("labels", "correct it", "the value of %q is not text", name)
		}
	}
	return faults
}
