package alerts

import (
	"cmp"
	"fmt"
	"net/url"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/alerts/webhook"
	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// Delivery is the way in which a firing trend reaches the loop. An installation uses
// one way: with both, each trend would open two episodes.
type Delivery string

// The ways of delivery.
const (
	// Push submits the sidecar's own trends to the loop directly.
	Push Delivery = "push"
	// Prometheus leaves the decision to fire to your own rules in Prometheus, whose
	// alerts arrive through the webhook. The sidecar still computes and exports the
	// trends.
	Prometheus Delivery = "prometheus"
)

// Config is the section "alerts" of the configuration.
type Config struct {
	// Window is the length of the past from which a trend is computed.
	Window model.Duration `yaml:"window"`
	// Every is the time between two evaluations of all trends.
	Every model.Duration `yaml:"every"`
	// Horizon is how far the rules look into the future.
	Horizon model.Duration `yaml:"horizon"`
	// For is how long a rule must hold before it fires.
	For model.Duration `yaml:"for"`
	// KeepFiringFor is how long a rule must not hold before its alert ends.
	KeepFiringFor model.Duration `yaml:"keep_firing_for"`
	// Settle is the time after the start of a run or process whose samples are left
	// out, because growth during a start is not a trend.
	Settle model.Duration `yaml:"settle"`
	// MinSamples is the minimum number of samples of a trend; 0 uses the value of each
	// rule. Rules that count stretches of time instead of samples ignore it.
	MinSamples int      `yaml:"min_samples"`
	Delivery   Delivery `yaml:"delivery"`
	// ShippedRules is all (default) or named: then only those that Rules names are on.
	ShippedRules string `yaml:"shipped_rules"`
	// Rules change shipped rules, by name, and add new ones.
	Rules []RuleConfig `yaml:"rules"`
	// Prometheus is asked for the recent past at a start; nil lets the windows fill anew.
	Prometheus *PrometheusConfig `yaml:"prometheus"`
	Webhook    webhook.Config    `yaml:"webhook"`
}

// Which of the shipped rules are on.
const (
	shippedAll   = "all"
	shippedNamed = "named"
)

// PrometheusConfig names a Prometheus that scrapes the sidecar.
type PrometheusConfig struct {
	// URL is its root, for example http://prometheus:9090.
	URL  string                     `yaml:"url"`
	HTTP commoncfg.HTTPClientConfig `yaml:"http"`
}

// UnmarshalYAML fills absent keys with the defaults.
func (c *PrometheusConfig) UnmarshalYAML(unmarshal func(any) error) error {
	*c = PrometheusConfig{HTTP: commoncfg.DefaultHTTPClientConfig}
	type plain PrometheusConfig
	return unmarshal((*plain)(c))
}

// At is the section, or the defaults for nil, with another URL unless that is empty.
func (c *PrometheusConfig) At(root string) PrometheusConfig {
	section := PrometheusConfig{HTTP: commoncfg.DefaultHTTPClientConfig}
	if c != nil {
		section = *c
	}
	section.URL = cmp.Or(root, section.URL)
	return section
}

// Validate returns what is wrong with the section.
func (c *PrometheusConfig) Validate() setting.Faults {
	var faults setting.Faults
	root, err := url.Parse(c.URL)
	switch {
	case err != nil || root.Scheme != "http" && root.Scheme != "https" || root.Host == "" || root.RawQuery != "":
		faults.Add("url", "write it as http://prometheus:9090", "is not an HTTP address")
	case root.User != nil:
		faults.Add("url", "use http.basic_auth with a password_file", "holds a password")
	}
	if err := c.HTTP.Validate(); err != nil {
		faults.Add("http", "see Prometheus' http_config", "%v", err)
	}
	return faults
}

// Bounds of the section. The shortest window holds more than six samples at the
// shortest poll interval. The longest window bounds the memory.
const (
	minWindow = model.Duration(time.Minute)
	maxWindow = model.Duration(24 * time.Hour)
	minEvery  = model.Duration(time.Second)
	// maxHold bounds how long a rule has to hold. A restart of the sidecar and a gap in the samples both
	// begin the wait anew, so a rule with a longer one would never fire.
	maxHold = model.Duration(7 * 24 * time.Hour)
)

// DefaultConfig looks two hours back and one hour ahead, four times a minute. With these values and
// a sample each 15 s, a noisy signal four standard deviations below its limit, whose samples
// correlate by 0.9, fires falsely less than once in a hundred days; with a sample a minute one that is
// five below it, see docs/rules.md. A ramp of three standard deviations per window fires within one and
// a half windows.
func DefaultConfig() Config {
	return Config{
		Window:        model.Duration(2 * time.Hour),
		Every:         model.Duration(15 * time.Second),
		Horizon:       model.Duration(time.Hour),
		For:           model.Duration(15 * time.Minute),
		KeepFiringFor: model.Duration(15 * time.Minute),
		Settle:        model.Duration(5 * time.Minute),
		Delivery:      Push,
		ShippedRules:  shippedAll,
	}
}

// Validate returns what is wrong with the section. It reads no file.
func (c Config) Validate() setting.Faults {
	var faults setting.Faults
	validateWindow(&faults, "window", c.Window)
	if c.Every < minEvery || c.Every > c.Window/4 {
		faults.Add("every", "choose between 1s and a quarter of the window", "%s is too short or too long", c.Every)
	}
	if c.Horizon <= 0 {
		faults.Add("horizon", "choose a time such as 1h", "%s is not above 0", c.Horizon)
	}
	c.validateWaits(&faults)
	validateMinSamples(&faults, "min_samples", c.MinSamples)
	if c.Delivery != Push && c.Delivery != Prometheus {
		faults.Add("delivery", "choose push or prometheus", "%q is not a known delivery", string(c.Delivery))
	}
	if s := c.ShippedRules; s != shippedAll && s != shippedNamed {
		faults.Add("shipped_rules", "choose all or named", "%q is no choice of rules", s)
	}
	if c.Prometheus != nil {
		faults = append(faults, c.Prometheus.Validate().Under("prometheus")...)
	}
	seen := map[string]string{}
	for _, name := range ShippedNames() {
		seen[AlertName(name)] = name
	}
	named := map[string]bool{}
	for i, r := range c.Rules {
		path := fmt.Sprintf("rules[%d]", i)
		other, taken := seen[AlertName(r.Name)]
		switch {
		case r.Name == "": // the rule says so
		case named[r.Name]:
			faults.Add(path+".name", "merge them", "there are two items for %s", r.Name)
		case taken && other != r.Name:
			faults.Add(path+".name", "choose another name", "%q and %q have the same alert %s", r.Name, other,
				AlertName(r.Name))
		}
		named[r.Name], seen[AlertName(r.Name)] = true, r.Name
		whole := c.whole(r)
		faults = append(faults, r.validate(whole).Under(path)...)
	}
	return faults
}

// validateWaits refuses waits that no rule and no alert ever sees the end of.
func (c Config) validateWaits(faults *setting.Faults) {
	validateFor(faults, "for", c.For)
	if c.KeepFiringFor > maxHold {
		faults.Add("keep_firing_for", "choose at most "+maxHold.String(), "the alerts would never end: %s is too long",
			c.KeepFiringFor)
	}
	if c.Settle > maxWindow {
		faults.Add("settle", "choose at most "+maxWindow.String(),
			"the rules would not watch the first %s of each run and process", c.Settle)
	}
}

func validateFor(faults *setting.Faults, path string, hold model.Duration) {
	if hold > maxHold {
		faults.Add(path, "choose at most "+maxHold.String(),
			"the rule can never fire: it would have to hold for %s without a break", hold)
	}
}

func validateWindow(faults *setting.Faults, path string, window model.Duration) {
	if window < minWindow || window > maxWindow {
		faults.Add(path, "choose between 1m and 1d", "%s is too short or too long", window)
	}
}

// whole is a rule of the section with what is shipped under its name.
func (c Config) whole(r RuleConfig) RuleConfig {
	for _, shipped := range shippedConfigs() {
		if shipped.Name == r.Name {
			return shipped.with(r)
		}
	}
	return r
}
