// Package server is the HTTP side of the sidecar: the listener, TLS and authentication, the
// table of routes with who may use each, limits for clients, and the stored profile pages.
package server

import (
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"

	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/internal/setting"
)

// DefaultListenAddress is loopback: other machines have access only if the configuration
// says so. The port is outside Flink's own (8081, 6121-6125, 9249-9270) and outside the
// range in which Prometheus exporters are allocated (9100-9999).
const DefaultListenAddress = "127.0.0.1:8642"

// Config is the section web: where the sidecar listens, and who may use it.
type Config struct {
	// ListenAddress is host:port; port 0 takes a free one.
	ListenAddress string `yaml:"listen_address"`
	// ExternalURL is how others reach the page, for links in announcements; empty is the
	// address listened on. Its host name is one of AllowedHosts.
	ExternalURL string `yaml:"external_url"`
	// AllowedHosts are the host names, besides localhost, by which requests may address the
	// sidecar. A name that begins with "*." stands for every name below it.
	AllowedHosts []string `yaml:"allowed_hosts"`
	// ConfigFile is exporter-toolkit's web configuration (TLS, basic auth).
	ConfigFile string `yaml:"config_file"`
	// AllowUnauthenticatedWrites lets other machines change something (pause, start a
	// probe round, raise an alert) although ConfigFile asks for no authentication.
	AllowUnauthenticatedWrites bool `yaml:"allow_unauthenticated_writes"`
	// Client is how commands such as history list connect to a running sidecar: what
	// ConfigFile asks for.
	Client commoncfg.HTTPClientConfig `yaml:"client"`
}

var hostPattern = regexp.MustCompile(`^(\*\.)?[A-Za-z0-9_]([A-Za-z0-9_-]*[A-Za-z0-9_])?(\.[A-Za-z0-9_-]+)*\.?$`)

// Validate returns what is wrong with the section. The web configuration file
// is read at start: it may not be on the machine where this is checked.
func (c *Config) Validate() setting.Faults {
	var faults setting.Faults
	_, port, err := net.SplitHostPort(c.ListenAddress)
	if _, notNumber := strconv.ParseUint(port, 10, 16); err != nil || notNumber != nil {
		faults.Add("listen_address", "write it as host:port, for example "+DefaultListenAddress,
			"%q is not an address to listen on", c.ListenAddress)
	}
	if external, err := url.Parse(c.ExternalURL); c.ExternalURL != "" &&
		(err != nil || external.Host == "" || external.Scheme != "http" && external.Scheme != "https") {
		faults.Add("external_url", "write it as https://host/path", "%q is not the address of a page", c.ExternalURL)
	}
	for i, host := range c.AllowedHosts {
		if !hostPattern.MatchString(host) {
			faults.Add(fmt.Sprintf("allowed_hosts[%d]", i),
				"write it as sidecar.example or *.example, without scheme and port", "%q is not a host name", host)
		}
	}
	if err := c.Client.Validate(); err != nil {
		faults.Add("client", "see http_config in the Prometheus documentation", "%v", err)
	}
	return faults
}
