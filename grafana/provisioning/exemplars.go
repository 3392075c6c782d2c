package provisioning

import (
	"encoding/json"
	"net/url"
	"strings"
)

// exemplarLabel is the label of the exemplars of the probe's latency: the seed of a record.
const exemplarLabel = "seed"

// historySource is the UID of the plugin's data source, historyType its plugin.
const (
	historySource = "flink-sidecar-history"
	historyType   = "flinksidecar-history-datasource"
)

// valueOf stands in a link for the label's value.
const valueOf = "${__value.raw}"

// destination is where an exemplar leads.
type destination struct{ Label, Title, URL string }

// Exemplars are the links of an exemplar: to the flame graphs of that moment and to the record if
// there is the plugin, otherwise to the record as the sidecar's API shows it.
func (o Options) Exemplars() []destination {
	if o.HistoryURL == "" {
		return []destination{{exemplarLabel, "The record", o.Page + "/api/v1/probe/records?seed=" + valueOf}}
	}
	return []destination{
		{exemplarLabel, "Flame graph of that moment", exploring("flamegraph")},
		{exemplarLabel, "Sick against control at that moment", exploring("diff")},
		{exemplarLabel, "The record", exploring("records")},
	}
}

// exploring is the address within Grafana of a query of the plugin for the record of an exemplar.
func exploring(queryType string) string {
	source := map[string]string{"type": historyType, "uid": historySource}
	panes, _ := json.Marshal(map[string]any{"record": map[string]any{ // texts have always a JSON form
		"datasource": historySource,
		"queries":    []any{map[string]any{"refId": "A", "datasource": source, "queryType": queryType, "seed": "SEED"}},
		"range":      map[string]string{"from": "now-1h", "to": "now"},
	}})
	return "/explore?schemaVersion=1&orgId=1&panes=" + strings.ReplaceAll(url.QueryEscape(string(panes)), "SEED", valueOf)
}
