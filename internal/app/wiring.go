package app

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	versioncollector "github.com/prometheus/client_golang/prometheus/collectors/version"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/collector/backlog"
	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/clusters"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/files"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
)

// processCollectors are the sidecar's metrics of its own process.
func processCollectors() []prometheus.Collector {
	return []prometheus.Collector{
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		versioncollector.NewCollector("flink_sidecar"),
	}
}

// watchInput lets the collector of the probed job ask Kafka what waits for the job while its
// source does not look.
func (a *App) watchInput() error {
	of := a.cfg.ProbedJob()
	c, err := a.clusters.Of(of.Cluster)
	if err != nil {
		return err
	}
	input, err := kafka.NewInput(a.cfg.Kafka, a.cfg.Probe.Topic, nil)
	if err != nil {
		return err
	}
	a.closers.add("input", func() error { input.Close(); return nil })
	c.SetInput(backlog.NewTopic(of.Job, a.cfg.Probe.Topic, input))
	return nil
}

// newProber gives the probe what it declares: the probe records from history, the view of its
// job from the collector.
func (a *App) newProber() (*synthetic.Prober, error) {
	cfg, of := a.cfg, a.cfg.ProbedJob()
	c, err := a.clusters.Of(of.Cluster)
	if err != nil {
		return nil, err
	}
	source, watched, err := sinks.Open(cfg.Sinks, sinks.Servers{
		Kafka: cfg.Kafka, Elasticsearch: cfg.Elasticsearch, Probe: cfg.Probe, Registerer: a.registry, Log: a.log,
	})
	if err != nil {
		return nil, err
	}
	return synthetic.New(synthetic.Options{
		Config:     cfg.Probe,
		Source:     source,
		Sinks:      watched,
		Cluster:    of.Cluster,
		OnDemand:   a.options.OnDemand,
		History:    a.store.Probes(),
		Job:        c.View(of.Job),
		Keyed:      c.View(of.Job),
		Reading:    c.View(of.Job),
		Registerer: a.probePage,
		Log:        a.log,
	})
}

// targets lists the configured servers and their state.
func (a *App) targets() []api.Target {
	var targets []api.Target
	for _, c := range a.clusters {
		targets = append(targets, targetOf(c))
	}
	targets = append(targets, a.probeTargets()...)
	if a.notifier != nil {
		targets = append(targets, target("grafana", a.cfg.Grafana.URL, a.notifier))
	}
	if a.sender != nil {
		targets = append(targets, target("alertmanager", strings.Join(a.inUse.Load().Notify.Alertmanager.URLs, ", "), a.sender))
	}
	if a.cfg.Advisor.Provider == advisor.ProviderOpenAI {
		targets = append(targets, target("llm", a.cfg.Advisor.OpenAI.BaseURL, a.advisor))
	}
	return targets
}

// targetOf is the cluster's JobManager as a target.
func targetOf(c *clusters.Cluster) api.Target {
	up, reason := c.Up()
	t := api.Target{Name: "flink", Cluster: c.Name(), Address: c.Flink.URL()}
	switch {
	case up:
		t.Up = &up
	case reason != "":
		t.Up, t.Problems = &up, []string{reason}
	} // without a request so far: unknown is not down
	return t
}

// maxProblem bounds the text of a server's failure, in bytes.
const maxProblem = 512

// asked is a server that a stage sends requests to.
type asked interface {
	Up() (up, known bool)
	Failure() (since time.Time, failure error)
}

// target is a server with the result of its last request, if there was one.
func target(name, address string, of asked) api.Target {
	t := api.Target{Name: name, Address: address}
	up, known := of.Up()
	if !known {
		return t
	}
	since, failure := of.Failure()
	t.Up, t.Since = &up, since
	if !up && failure != nil {
		t.Problems = []string{name + ": the last request failed: " + plaintext.Line(failure.Error(), maxProblem)}
	}
	return t
}

func (a *App) probeTargets() []api.Target {
	if a.prober == nil {
		return nil
	}
	var targets []api.Target
	for _, t := range a.prober.Targets() {
		targets = append(targets, api.Target{
			Name: t.Name, Address: a.addressOf(t.Name), Up: t.Up, Since: t.Since,
			Problems: t.Problems,
		})
	}
	return targets
}

func (a *App) addressOf(target string) string {
	switch target {
	case kafka.Target:
		return strings.Join(a.cfg.Kafka.Brokers, ", ")
	case elasticsearch.Target:
		return strings.Join(a.cfg.Elasticsearch.URLs, ", ")
	case files.Target:
		var directories []string
		for _, s := range a.cfg.Sinks {
			if s.Files != nil {
				directories = append(directories, s.Files.Directory)
			}
		}
		return strings.Join(directories, ", ")
	}
	return ""
}

// targetsUp exports flink_sidecar_up for the configured targets. A target that
// was not contacted yet is absent: unknown is not zero. Several clusters are one
// target flink: up if all are, down if one is, and otherwise not known yet;
// flink_cluster_up says it of each.
type targetsUp struct {
	targets func() []api.Target
}

var upDesc = prometheus.NewDesc("flink_sidecar_up",
	"1 if a configured target answers and can be used as configured, else 0. Several clusters are one target, "+
		"flink: 1 if all of them answer.", []string{"target"}, nil)

// Describe implements prometheus.Collector.
func (targetsUp) Describe(ch chan<- *prometheus.Desc) { ch <- upDesc }

// Collect implements prometheus.Collector.
func (t targetsUp) Collect(ch chan<- prometheus.Metric) {
	for name, up := range together(t.targets()) {
		if up == nil {
			continue
		}
		value := 0.0
		if *up {
			value = 1
		}
		ch <- prometheus.MustNewConstMetric(upDesc, prometheus.GaugeValue, value, name)
	}
}

// together combines the targets of one name; nil is unknown.
func together(targets []api.Target) map[string]*bool {
	up := map[string]*bool{}
	for _, t := range targets {
		so, seen := up[t.Name]
		switch {
		case !seen, t.Up != nil && !*t.Up:
			up[t.Name] = t.Up
		case so != nil && *so:
			up[t.Name] = t.Up
		}
	}
	return up
}

// apiSources gives the API what it declares.
func (a *App) apiSources() routes.Sources {
	sources := routes.Sources{
		Status:       a.status,
		Episodes:     a.store,
		Measurements: a.store,
		Records:      a.store.Probes(),
		Alerts:       a.router,
		Pauser:       a.switches,
		Declined:     a.store,
		Prompts:      a.advising,
		Bundles:      a.advising.Evidence,
		Marks:        a.store,
		Backups:      a.store,
		ScaleTests:   a.changes, LiveScaleTest: a.scaleTest, ScaleShards: a.scaleShards,
		Evaluations:  a.evaluations,
		ChangePoints: a.changePoints, Block: a.cfg.Evaluate.Block,
		Rules: a.trends, Samples: a.store,
		Trees:  trees{a.pages},
		Checks: a.checkup.Last,
	}
	if a.prober != nil {
		sources.Rounds = a.rounds
	}
	return sources
}

// pageURL is the page's address as other hosts reach it.
func (a *App) pageURL() string {
	if external := strings.TrimRight(a.cfg.Web.ExternalURL, "/"); external != "" {
		return external
	}
	return a.server.URL()
}
