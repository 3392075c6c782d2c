package server

import (
	"fmt"
	"net/http"
	"os"

	"github.com/prometheus/exporter-toolkit/web"
	"go.yaml.in/yaml/v3"
)

// webFile is what the sidecar itself must know of a web configuration file; the rest is
// exporter-toolkit's.
type webFile struct {
	TLS struct {
		Settings   map[string]any `yaml:",inline"`
		ClientAuth string         `yaml:"client_auth_type"`
	} `yaml:"tls_server_config"`
	Users map[string]string `yaml:"basic_auth_users"`
}

// readWebFile reads a web configuration. An empty path is one without content.
func readWebFile(path string) (webFile, error) {
	var file webFile
	if path == "" {
		return file, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return file, fmt.Errorf("web.config_file: %w", err)
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		return file, fmt.Errorf("web.config_file %s: %w", path, err)
	}
	return file, nil
}

// authenticates reports whether every request needs a password or a verified certificate.
func (f webFile) authenticates() bool {
	return len(f.Users) > 0 || f.TLS.ClientAuth == "RequireAndVerifyClientCert"
}

func (f webFile) scheme() string {
	if f.TLS.ClientAuth != "" || len(f.TLS.Settings) > 0 {
		return "https"
	}
	return "http"
}

// checkWebFile returns the scheme of a web configuration, or what is wrong with it.
func checkWebFile(path string) (string, error) {
	if path == "" {
		return "http", nil
	}
	if err := web.Validate(path); err != nil {
		return "", fmt.Errorf("web.config_file %s: %w (see "+
			"https://github.com/prometheus/exporter-toolkit/blob/master/docs/web-configuration.md)", path, err)
	}
	file, err := readWebFile(path)
	return file.scheme(), err
}

// HasPasswords reports whether a web configuration file asks for basic authentication. A
// file that cannot be read does not: that is a fault of its own, at start.
func HasPasswords(path string) bool {
	file, err := readWebFile(path)
	return err == nil && len(file.Users) > 0
}

// outermost is the handler in front of exporter-toolkit's: every request is tracked and
// has its time limits before it is authenticated. Health checks need no authentication:
// Kubernetes has no password for them, and their answers are no secret.
func (s *Server) outermost(guarded, open http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		end := s.begin(w, r)
		defer end()
		if public(r.URL.Path) {
			open.ServeHTTP(w, r)
			return
		}
		guarded.ServeHTTP(w, r)
	})
}
