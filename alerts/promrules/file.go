// Package promrules writes the rules of the sidecar as rules for Prometheus: the trends by
// predict_linear, the same about the sidecar itself, and burn rates of the probe. So a team
// can alert by its own Prometheus, or be warned when the sidecar is down.
//
// The alerts have no label of origin: the sidecar's own webhook must accept them. Their labels
// rule, cluster, job, vertex and process are those of the sidecar's own alerts, so that both
// open the same episode.
package promrules

import (
	"bytes"
	"time"

	"github.com/prometheus/common/model"
	"go.yaml.in/yaml/v3"
)

// File is a rule file of Prometheus.
type File struct {
	Groups []Group `yaml:"groups" json:"groups"`
}

// Group is evaluated in order.
type Group struct {
	Name  string `yaml:"name" json:"name"`
	Rules []Rule `yaml:"rules" json:"rules"`
}

// Rule is an alert or a recording rule.
type Rule struct {
	Record        string            `yaml:"record,omitempty"`
	Alert         string            `yaml:"alert,omitempty"`
	Expr          string            `yaml:"expr"`
	For           string            `yaml:"for,omitempty"`
	KeepFiringFor string            `yaml:"keep_firing_for,omitempty"`
	Labels        map[string]string `yaml:"labels,omitempty"`
	Annotations   map[string]string `yaml:"annotations,omitempty"`
}

// YAML is the file as Prometheus reads it.
func (f File) YAML() ([]byte, error) { return encoded(f) }

// Resource is the file as a PrometheusRule of the Prometheus operator.
func (f File) Resource(name string) ([]byte, error) {
	return encoded(struct {
		APIVersion string         `yaml:"apiVersion"`
		Kind       string         `yaml:"kind"`
		Metadata   map[string]any `yaml:"metadata"`
		Spec       File           `yaml:"spec"`
	}{
		APIVersion: "monitoring.coreos.com/v1", Kind: "PrometheusRule",
		Metadata: map[string]any{"name": name, "labels": map[string]string{"app.kubernetes.io/name": name}}, Spec: f,
	})
}

func encoded(v any) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err := enc.Encode(v)
	return out.Bytes(), err
}

// Alerts returns the file with its alerts only, Recordings that with its recording rules: the
// two files of a mixin.
func (f File) Alerts() File { return f.only(func(r Rule) bool { return r.Alert != "" }) }

// Recordings returns the file with its recording rules only.
func (f File) Recordings() File { return f.only(func(r Rule) bool { return r.Record != "" }) }

func (f File) only(keep func(Rule) bool) File {
	var out File
	for _, g := range f.Groups {
		kept := Group{Name: g.Name}
		for _, r := range g.Rules {
			if keep(r) {
				kept.Rules = append(kept.Rules, r)
			}
		}
		if len(kept.Rules) > 0 {
			out.Groups = append(out.Groups, kept)
		}
	}
	return out
}

// lasting is a duration as Prometheus writes it; empty for 0.
func lasting(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return model.Duration(d).String()
}
