package main

import (
	"cmp"
	"fmt"
	"log/slog"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// processCollectors are what the sidecar says of itself as a process.
func processCollectors() []prometheus.Collector {
	return []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("flink_sidecar"),
	}
}

// newProber hands the probe what it declares: the ledger from history, the view
// of its job from the collector.
func newProber(cfg Config, o Options, store *history.Store, c *collector.Collector, reg prometheus.Registerer, log *slog.Logger) (*synthetic.Prober, error) {
	return synthetic.New(synthetic.Options{
		Config:        cfg.Probe,
		Kafka:         cfg.Kafka,
		Elasticsearch: cfg.Elasticsearch,
		Sinks:         cfg.Sinks,
		Cluster:       cfg.Flink.ClusterName(),
		OnDemand:      o.OnDemand,
		Ledger:        store.Probes(),
		Job:           c.View(cfg.Probe.Job),
		Registerer:    reg,
		Log:           log,
	})
}

// targets lists the servers that the configuration names, and how they are.
func (a *App) targets() []api.Target {
	up, reason := a.collector.Up()
	flink := api.Target{Name: "flink", Address: a.cfg.Flink.URL}
	switch {
	case up:
		flink.Up = &up
	case reason != "":
		flink.Up, flink.Problems = &up, []string{reason}
	} // otherwise it was not asked yet: unknown is not down
	targets := append([]api.Target{flink}, a.probeTargets()...)
	if a.feedback.announcer != nil {
		targets = append(targets, target("grafana", a.cfg.Grafana.URL, a.feedback.announcer.Up))
	}
	if a.cfg.Advisor.Provider == advisor.ProviderOpenAI {
		targets = append(targets, target("llm", a.cfg.Advisor.OpenAI.BaseURL, a.feedback.advisor.Up))
	}
	return targets
}

// target is a server that knows how its last request went, if there was one.
func target(name, address string, up func() (up, known bool)) api.Target {
	t := api.Target{Name: name, Address: address}
	if up, known := up(); known {
		t.Up = &up
		if !up {
			t.Problems = []string{name + ": the last request failed (the log, and the episodes that wait, say why)"}
		}
	}
	return t
}

func (a *App) probeTargets() []api.Target {
	if a.prober == nil {
		return nil
	}
	var targets []api.Target
	for _, t := range a.prober.Status().Targets {
		targets = append(targets, api.Target{Name: t.Name, Address: a.addressOf(t.Name), Up: t.Up, Since: t.Since, Problems: t.Problems})
	}
	return targets
}

func (a *App) addressOf(target string) string {
	switch target {
	case synthetic.TargetKafka:
		return strings.Join(a.cfg.Kafka.Brokers, ", ")
	case synthetic.TargetElasticsearch:
		return strings.Join(a.cfg.Elasticsearch.URLs, ", ")
	}
	return ""
}

// targetsUp exports flink_sidecar_up for the configured targets. A target that
// was not contacted yet is absent: unknown is not zero.
type targetsUp struct {
	targets func() []api.Target
}

var upDesc = prometheus.NewDesc("flink_sidecar_up",
	"Whether a configured target answers and can be used as the configuration asks (1) or not (0).", []string{"target"}, nil)

// Describe implements prometheus.Collector.
func (targetsUp) Describe(ch chan<- *prometheus.Desc) { ch <- upDesc }

// Collect implements prometheus.Collector.
func (t targetsUp) Collect(ch chan<- prometheus.Metric) {
	for _, target := range t.targets() {
		if target.Up == nil {
			continue
		}
		value := 0.0
		if *target.Up {
			value = 1
		}
		ch <- prometheus.MustNewConstMetric(upDesc, prometheus.GaugeValue, value, target.Name)
	}
}

// apiSources hands the API what it declares.
func (a *App) apiSources() api.Sources {
	sources := api.Sources{
		Status:       a.status,
		Episodes:     a.store,
		Measurements: a.store,
		Records:      a.store.Probes(),
		Alerts:       a.feedback.intake,
		Brake:        a.feedback.brake,
	}
	if a.prober != nil {
		sources.Rounds = a.turns
	}
	return sources
}

// hints say what a configuration would add to what runs.
func (c *Config) hints() []api.Hint {
	var hints []api.Hint
	if c.Probe == nil {
		hints = append(hints, api.Hint{
			Configure: "kafka, sinks, probe",
			Adds:      fmt.Sprintf("what a record feels on its way through a job, and the account of each (sidecar init --flink.url=%s writes a start)", c.Flink.URL),
		})
	}
	if c.Probe != nil && c.Elasticsearch == nil {
		hints = append(hints, api.Hint{Configure: "elasticsearch, sinks", Adds: "the hops indexed and visible"})
	}
	if c.Grafana == nil {
		hints = append(hints, api.Hint{Configure: "grafana", Adds: "annotations on the graphs for each episode"})
	}
	if c.Advisor.Provider == advisor.ProviderNone {
		hints = append(hints, api.Hint{Configure: "advisor", Adds: "what an LLM adds to the rules' findings, each claim checked against the evidence"})
	}
	return hints
}

// pauseProbe is how the brake stops the probe; nil without one.
func (a *App) pauseProbe() func(bool) {
	if a.prober == nil {
		return nil
	}
	return a.prober.Pause
}

// pageURL is the page's address as others reach it.
func (a *App) pageURL() string {
	return cmp.Or(strings.TrimRight(a.cfg.Web.ExternalURL, "/"), a.server.url())
}
