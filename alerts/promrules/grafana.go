package promrules

import (
	"fmt"
	"hash/fnv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// grafanaFolder is the folder of the rules. Its title is neither that of the dashboards nor that
// of the other alert rules: Grafana makes a second folder of the same title for rules that name
// one of the dashboards (seen in 12.2), and refuses two rules of one title in a folder.
const grafanaFolder = "Flink trends"

// grafanaInterval is the time between two evaluations. Grafana wants a multiple of 10 s.
const grafanaInterval = time.Minute

// anyNumber are bounds between which each value is: the query has a result only where the rule
// holds, whatever its value is.
var anyNumber = []float64{-1e300, 1e300}

// grafanaFile is a file of Grafana's provisioning, see
// https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/.
type grafanaFile struct {
	APIVersion int            `yaml:"apiVersion"`
	Groups     []grafanaGroup `yaml:"groups"`
}

type grafanaGroup struct {
	OrgID    int           `yaml:"orgId"`
	Name     string        `yaml:"name"`
	Folder   string        `yaml:"folder"`
	Interval string        `yaml:"interval"`
	Rules    []grafanaRule `yaml:"rules"`
}

type grafanaRule struct {
	UID         string            `yaml:"uid"`
	Title       string            `yaml:"title"`
	Condition   string            `yaml:"condition"`
	For         string            `yaml:"for"`
	NoData      string            `yaml:"noDataState"`
	ExecErr     string            `yaml:"execErrState"`
	Labels      map[string]string `yaml:"labels"`
	Annotations map[string]string `yaml:"annotations"`
	Data        []grafanaQuery    `yaml:"data"`
}

type grafanaQuery struct {
	RefID         string         `yaml:"refId"`
	Range         map[string]int `yaml:"relativeTimeRange,omitempty"`
	DataSourceUID string         `yaml:"datasourceUid"`
	Model         map[string]any `yaml:"model"`
}

// Grafana writes the same alerts as rules that Grafana evaluates, on the Prometheus data source
// with a UID. probed is the job of the probe, see [Render]. They need no recording rules. Grafana forgets an alert when its rule does not hold
// any more: there is no keep_firing_for.
func Grafana(c alerts.Config, probed episode.JobRef, dataSource string) ([]byte, error) {
	out, taken := grafanaFile{APIVersion: 1}, map[string]bool{}
	for _, group := range render(c, probed, true).Alerts().Groups {
		written := grafanaGroup{OrgID: 1, Name: group.Name, Folder: grafanaFolder, Interval: lasting(grafanaInterval)}
		for _, rule := range group.Rules {
			written.Rules = append(written.Rules, rule.grafana(dataSource, taken))
		}
		out.Groups = append(out.Groups, written)
	}
	return encoded(out)
}

// maxUID is the longest UID that Grafana takes.
const maxUID = 40

// uidOf is the UID of the rule of an alert. A name that is too long, or is another one but for
// capitals, has a hash at its end.
func uidOf(alert string, taken map[string]bool) string {
	uid := strings.ToLower(alert)
	if len(uid) <= maxUID && !taken[uid] {
		taken[uid] = true
		return uid
	}
	hash := fnv.New32a()
	hash.Write([]byte(alert)) // never fails
	return fmt.Sprintf("%.*s-%08x", maxUID-9, uid, hash.Sum32())
}

// grafana is the rule with a query, its last value, and the condition that there is one.
func (r Rule) grafana(dataSource string, taken map[string]bool) grafanaRule {
	expression := func(id string, model map[string]any) grafanaQuery {
		model["refId"] = id
		return grafanaQuery{RefID: id, DataSourceUID: "__expr__", Model: model}
	}
	return grafanaRule{
		UID: uidOf(r.Alert, taken), Title: r.Alert, Condition: "C", For: r.For, NoData: "OK", ExecErr: "Error",
		Labels: templatedFor(r.Labels), Annotations: templatedFor(r.Annotations),
		Data: []grafanaQuery{
			{
				RefID: "A", Range: map[string]int{"from": 600, "to": 0}, DataSourceUID: literal(dataSource),
				Model: map[string]any{"refId": "A", "instant": true, "range": false, "expr": literal(r.Expr)},
			},
			expression("B", map[string]any{
				"type": "reduce", "expression": "A", "reducer": "last", "settings": map[string]any{"mode": "dropNN"},
			}),
			expression("C", map[string]any{
				"type": "threshold", "expression": "B",
				"conditions": []any{map[string]any{"evaluator": map[string]any{"type": "within_range", "params": anyNumber}}},
			}),
		},
	}
}

// asGrafana are the variables of Prometheus' templates as Grafana knows them, without a dollar
// sign.
var asGrafana = strings.NewReplacer("$labels.", ".Labels.", "$value", ".Values.B.Value")

func templatedFor(texts map[string]string) map[string]string {
	out := make(map[string]string, len(texts))
	for name, text := range texts {
		out[name] = literal(asGrafana.Replace(text))
	}
	return out
}

// literal keeps Grafana from expanding variables of its environment.
func literal(text string) string { return strings.ReplaceAll(text, "$", "$$") }
