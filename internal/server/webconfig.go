package server

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"sync"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"
)

// schemeOf tells by a web configuration whether TLS is spoken, and what is wrong
// with the file. An empty path is plain HTTP.
func schemeOf(path string) (string, error) {
	if path == "" {
		return "http", nil
	}
	if err := web.Validate(path); err != nil {
		return "", fmt.Errorf("web.config_file %s: %w (see https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md)", path, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("web.config_file: %w", err)
	}
	var cfg struct {
		TLS map[string]any `yaml:"tls_server_config"`
	}
	if err := yaml.Unmarshal(text, &cfg); err != nil {
		return "", fmt.Errorf("web.config_file %s: %w", path, err)
	}
	if len(cfg.TLS) > 0 {
		return "https", nil
	}
	return "http", nil
}

// healthListener lets health checks past authentication, which Kubernetes has no
// password for: what they tell is no secret. exporter-toolkit puts its handler
// before ours just before it begins to accept, and has no list of exceptions; so the
// exceptions are made at the first Accept, when no request can be under way.
type healthListener struct {
	net.Listener

	server *http.Server
	open   http.Handler // without authentication
	once   sync.Once
}

// Accept implements net.Listener.
func (l *healthListener) Accept() (net.Conn, error) {
	l.once.Do(func() {
		guarded := l.server.Handler
		l.server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch r.URL.Path {
			case "/-/healthy", "/-/ready":
				l.open.ServeHTTP(w, r)
			default:
				guarded.ServeHTTP(w, r)
			}
		})
	})
	return l.Listener.Accept()
}
