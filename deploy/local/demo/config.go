package demo

import (
	"fmt"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
)

// jobName is the sample job; sinkNames are the names the demo gives its sinks.
const jobName = "orders enrichment"

var sinkNames = []string{"enriched", "alerts", "search"}

// hops are the hops of a synthetic record in the sample job, in order.
var hops = []string{"acknowledged", "ingested", "enriched", "alerts", "indexed", "visible"}

// rampRule is the rule that the sample job breaks as long as its state grows: at 100
// orders per second by some 5 MiB a minute. Its threshold is low enough for the rule to
// fire within two minutes, and high enough for it to be a forecast.
const (
	rampRule      = "checkpoint-size"
	rampThreshold = "40MiB"
)

// configurationText has a verb for each value that differs from stack to stack. It is no
// template, because the probe's template uses the same braces.
const configurationText = `# The configuration of the demo's sidecar; the reference is sidecar.yml in the
# repository. Written anew with each demo.
flink:
  url: %q
  cluster: local
collector:
  poll_interval: 10s
kafka:
  brokers: [%s]
elasticsearch:
  urls: [%q]
sinks:
  - name: enriched
    kafka: {topic: orders-enriched}
  - name: alerts
    kafka: {topic: orders-alerts}
  - name: search
    elasticsearch:
      index: orders
      seed_field: seed
      ingested_field: ingested_at
      indexed_field: arrived_at
      cleanup: delete
probe:
  job: %q
  topic: orders
  interval: 5s
  template: |
    {"order_id": "{{.Seed}}", "seed": "{{.Seed}}", "customer_id": "{{.Key}}",
     "amount": 1.0, "currency": "EUR", "items": [{"sku": "probe", "quantity": 1, "price": 1.0}],
     "note": "synthetic record of flink-sidecar", "created_at": {{.SentAt}}}
# Everything here is made for tests, so that a scale test may reach all of it.
scaletest:
  allow:
    topics: [orders, orders-enriched, orders-alerts]
    indices: [orders]
# Minutes where an installation has hours: the job's state outgrows its limit before a
# visitor leaves. So short a window is soon sure of a steady ramp, and of nothing else.
alerts:
  window: 2m
  every: 5s
  horizon: 10m
  for: 20s
  keep_firing_for: 30s
  settle: 0s
  min_samples: 6
  shipped_rules: named
  rules:
    - name: %s
      threshold: %s
    - name: checkpoint-duration
    - name: heap-after-gc
# Half a minute where an installation has half an hour: such blocks are alike, so that the
# interval of an outcome is narrower here than it should be.
evaluate:
  block: 30s
profiling:
  on_alert: true
  modes: [ITIMER]
  duration: 20s
  cooldown: 30m
  per_day: 12
advisor:
  provider: none
# A stand-in: annotations API only; no real Grafana is started.
grafana:
  url: %q
  token_file: %q
history:
  path: %q
web:
  listen_address: %q
`

// configuration is a sidecar.yml for a stack. Its intervals are shorter than the
// defaults, because a person is watching: everything else is as in the reference
// configuration.
func configuration(state stack.State, listen, history string) string {
	brokers := make([]string, len(state.KafkaBrokers))
	for i, broker := range state.KafkaBrokers {
		brokers[i] = fmt.Sprintf("%q", broker)
	}
	return fmt.Sprintf(configurationText, state.FlinkURL, strings.Join(brokers, ", "), state.ElasticsearchURL, jobName,
		rampRule, rampThreshold, state.GrafanaURL, state.GrafanaTokenFile, history, listen)
}
