// Package dashboards has the dashboards for Grafana, as files in its JSON model v1.
//
// Each works with a Prometheus that scrapes the sidecar with honor_labels, and with
// nothing else. Its tests hold the files to the rules of Grafana's dashboard-linter, and
// every query to the metrics that the sidecar has.
package dashboards

import (
	"bytes"
	"embed"
	"encoding/json"
	"io/fs"
)

//go:embed *.json
var files embed.FS

// What the files say where a [Target] says something else.
const (
	anySource   = `"current": {},`
	defaultPage = `"http://127.0.0.1:8642"`
)

// Target is what dashboards are written for.
type Target struct {
	// DataSource is the UID of the Prometheus data source that is selected at first; empty
	// leaves the choice to Grafana.
	DataSource string
	// Page is the address of the sidecar's page as people reach it, without a slash at its
	// end; empty is the default address on loopback.
	Page string
}

// For returns the dashboards for a target: their JSON by file name.
func For(target Target) (map[string][]byte, error) {
	names, err := fs.Glob(files, "*.json")
	if err != nil {
		return nil, err
	}
	boards := map[string][]byte{}
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		if target.DataSource != "" {
			selected := `"current": {"text": ` + quoted(target.DataSource) + `, "value": ` + quoted(target.DataSource) + `},`
			text = bytes.Replace(text, []byte(anySource), []byte(selected), 1)
		}
		if target.Page != "" {
			text = bytes.ReplaceAll(text, []byte(defaultPage), []byte(quoted(target.Page)))
		}
		boards[name] = text
	}
	return boards, nil
}

// quoted is a text as JSON.
func quoted(text string) string {
	written, _ := json.Marshal(text) // a string has always a JSON form
	return string(written)
}
