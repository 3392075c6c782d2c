// Package provisioning writes what Grafana reads at its start: the dashboards, and the files
// that make it load them, a data source, alert rules and a contact point
// (https://grafana.com/docs/grafana/latest/administration/provisioning).
package provisioning

import (
	"bytes"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"text/template"

	"github.com/flink-sidecar/flink-sidecar/grafana/dashboards"
)

// DefaultDataSource is the UID that a data source has where no other is named, and
// DefaultPage the address of a sidecar's page on the same machine.
const (
	DefaultDataSource = "prometheus"
	DefaultPage       = "http://127.0.0.1:8642"
)

// Options say what the files are written for.
type Options struct {
	// DataSource is the UID of the Prometheus data source; empty is [DefaultDataSource].
	DataSource string
	// PrometheusURL is the address of a Prometheus that Grafana gets as a data source; empty if
	// Grafana has the data source already.
	PrometheusURL string
	// Page is the address of the sidecar as Grafana and people reach it; empty is [DefaultPage].
	Page string
	// HistoryURL is the address of the sidecar as Grafana's server reaches it, for a data source of
	// the plugin; empty for none.
	HistoryURL string
	// WebhookTokenFile is the path, on Grafana's machine, of the token that the sidecar's webhook asks
	// for; empty if it asks for none.
	WebhookTokenFile string
	// Trends are alert rules of trends, as a file of Grafana's provisioning; nil for none.
	Trends []byte
	// DashboardsPath is where Grafana finds the dashboards; empty is where they are written.
	DashboardsPath string
}

// The titles of folders differ: Grafana makes a second folder of the same title where alert
// rules name one that dashboards have (seen in 12.2). For the same reason no folder has a UID.
const (
	dashboardsFolder = "Flink"
	alertsFolder     = "Flink alerts"
)

//go:embed templates/*.yaml
var templates embed.FS

var parsed = template.Must(template.New("").Funcs(template.FuncMap{"quote": quote, "inFile": inFile}).
	ParseFS(templates, "templates/*.yaml"))

// quote writes a text so that YAML takes it as it is and Grafana expands nothing in it.
func quote(text string) (string, error) {
	var written bytes.Buffer
	encoder := json.NewEncoder(&written)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(strings.ReplaceAll(text, "$", "$$"))
	return strings.TrimSpace(written.String()), err
}

// inFile is the text for which Grafana reads the content of a file.
func inFile(path string) (string, error) {
	text, err := json.Marshal("$__file{" + path + "}")
	return string(text), err
}

// Write writes all files below dir and returns their paths, sorted. What is there under the
// same names is replaced.
func Write(dir string, o Options) ([]string, error) {
	o, err := o.completed(dir)
	if err != nil {
		return nil, err
	}
	files, err := o.files()
	if err != nil {
		return nil, err
	}
	var written []string
	for _, name := range slices.Sorted(maps.Keys(files)) {
		target := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return written, fmt.Errorf("%w (choose another --output)", err)
		}
		if err := os.WriteFile(target, files[name], 0o644); err != nil {
			return written, fmt.Errorf("%w (choose another --output)", err)
		}
		written = append(written, target)
	}
	return written, nil
}

func (o Options) completed(dir string) (Options, error) {
	if o.DataSource == "" {
		o.DataSource = DefaultDataSource
	}
	o.Page = strings.TrimRight(o.Page, "/")
	if o.Page == "" {
		o.Page = DefaultPage
	}
	if o.DashboardsPath == "" {
		absolute, err := filepath.Abs(filepath.Join(dir, "dashboards"))
		if err != nil {
			return o, err
		}
		o.DashboardsPath = absolute
	}
	token, err := tokenPath(o.WebhookTokenFile)
	if err != nil {
		return o, err
	}
	o.WebhookTokenFile = token
	for _, address := range []string{o.Page, o.PrometheusURL, o.HistoryURL} {
		if address != "" && !isHTTP(address) {
			return o, errors.New("an address is not an http or https URL, or contains a password " +
				"(write it as http://host:port, without a password)")
		}
	}
	if strings.ContainsFunc(o.DataSource, func(r rune) bool { return r <= ' ' }) {
		return o, errors.New("a UID of a data source has no blanks (Grafana shows it in the address of its settings)")
	}
	return o, nil
}

// tokenPath is the path of a file as Grafana finds it from any directory.
func tokenPath(file string) (string, error) {
	if file == "" {
		return "", nil
	}
	if strings.ContainsAny(file, "$}") {
		return "", errors.New("the path of alerts.webhook.token_file has a $ or }, by which Grafana would read another one " +
			"(rename the file)")
	}
	return filepath.Abs(file)
}

func isHTTP(address string) bool {
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.User == nil
}

// files are the content of all files by their path with slashes.
func (o Options) files() (map[string][]byte, error) {
	files := map[string][]byte{}
	boards, err := dashboards.For(dashboards.Target{DataSource: o.DataSource, Page: o.Page})
	if err != nil {
		return nil, err
	}
	for name, text := range boards {
		files[path.Join("dashboards", name)] = text
	}
	if o.Trends != nil {
		files["provisioning/alerting/flink-sidecar-trends.yaml"] = o.Trends
	}
	panels, err := panelIDs(boards)
	if err != nil {
		return nil, err
	}
	for name, to := range map[string]string{
		"dashboards.yaml":    "provisioning/dashboards/flink-sidecar.yaml",
		"datasources.yaml":   "provisioning/datasources/flink-sidecar.yaml",
		"rules.yaml":         "provisioning/alerting/flink-sidecar-rules.yaml",
		"contact-point.yaml": "provisioning/alerting/flink-sidecar-contact-point.yaml",
	} {
		if name == "datasources.yaml" && o.PrometheusURL == "" && o.HistoryURL == "" {
			continue
		}
		var text bytes.Buffer
		shown := values{o, historySource, historyType, dashboardsFolder, alertsFolder, rules, panels}
		if err := parsed.ExecuteTemplate(&text, name, shown); err != nil {
			return nil, err
		}
		files[to] = text.Bytes()
	}
	return files, nil
}

// values are what the templates show.
type values struct {
	Options
	HistorySource, HistoryType     string
	DashboardsFolder, AlertsFolder string
	Rules                          []rule
	Panels                         map[string]int
}
