package advisor

import (
	"slices"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// metrics of the advisor: those of the LLM, and the latest findings of each job.
type metrics struct {
	llm    prometheus.Collector
	impact *prometheus.Desc

	mu     sync.Mutex
	latest map[episode.JobRef]published
	order  []episode.JobRef // of latest, oldest advice first
}

// maxJobs is how many jobs have findings on /metrics, those with the latest advice: a job
// that is submitted under a new name each time must not add series for ever.
const maxJobs = 200

type published struct {
	vertex   string
	findings []episode.Finding
}

func newMetrics(llm prometheus.Collector) *metrics {
	return &metrics{
		llm: llm,
		impact: prometheus.NewDesc("flink_sidecar_finding_impact_ratio",
			"Upper bound of the gain in throughput that the finding's evidence allows, as a ratio: 0.4 is 40 % more.",
			[]string{"cluster", "job", "vertex", "category", "rank", "source"}, nil),
		latest: map[episode.JobRef]published{},
	}
}

func (m *metrics) publish(job episode.JobRef, vertex string, findings []episode.Finding) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.order = append(slices.DeleteFunc(m.order, func(known episode.JobRef) bool { return known == job }), job)
	m.latest[job] = published{vertex: vertex, findings: findings}
	if len(m.order) > maxJobs {
		delete(m.latest, m.order[0])
		m.order = m.order[1:]
	}
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	m.llm.Describe(ch)
	ch <- m.impact
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	m.llm.Collect(ch)
	m.mu.Lock()
	defer m.mu.Unlock()
	for job, p := range m.latest {
		for _, f := range p.findings {
			if f.Impact != nil {
				ch <- prometheus.MustNewConstMetric(m.impact, prometheus.GaugeValue, f.Impact.HighPercent/100,
					job.Cluster, job.Job, p.vertex, f.Category, strconv.Itoa(f.Rank), f.Source)
			}
		}
	}
}
