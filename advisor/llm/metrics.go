package llm

import (
	"errors"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// The results of a request to the LLM, as label values.
const (
	resultOK          = "ok"
	resultInvalid     = "invalid" // counted in addition to ok: the answer came but is not usable; also for truncated
	resultTruncated   = "truncated"
	resultRefused     = "refused"
	resultUnreachable = "unreachable"
	resultTimeout     = "timeout"
	resultStatus      = "status"
	resultBudget      = "over_budget"
	resultOther       = "error"
)

func resultOf(err error) string {
	for _, known := range []struct {
		err    error
		result string
	}{
		{nil, resultOK},
		{errTruncated, resultTruncated},
		{errRefused, resultRefused},
		{errUnreachable, resultUnreachable},
		{errSlow, resultTimeout},
		{errStatus, resultStatus},
		{errAnswer, resultInvalid},
		{errForeign, resultInvalid},
	} {
		if errors.Is(err, known.err) {
			return known.result
		}
	}
	return resultOther
}

// metrics count requests, tokens and dropped claims.
type metrics struct {
	requests   *prometheus.CounterVec
	tokens     *prometheus.CounterVec
	rejections *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_llm_requests_total", Help: "Requests to the LLM by result. An unusable " +
				"answer counts as ok and also as invalid or truncated.",
		}, []string{"result"}),
		tokens: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_llm_tokens_total", Help: "Tokens used, as counted by the LLM's server.",
		}, []string{"kind"}),
		rejections: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "flink_sidecar_llm_rejections_total", Help: "Claims of the LLM that were dropped because the " +
				"evidence does not support them, by reason.",
		}, []string{"reason"}),
	}
	for _, result := range []string{
		resultOK, resultInvalid, resultTruncated, resultRefused, resultUnreachable,
		resultTimeout, resultStatus, resultBudget, resultOther,
	} {
		m.requests.WithLabelValues(result)
	}
	for _, reason := range rejections() {
		m.rejections.WithLabelValues(reason)
	}
	m.tokens.WithLabelValues("prompt")
	m.tokens.WithLabelValues("completion")
	return m
}

func (m *metrics) rejected(rejected []episode.Rejection) {
	for _, r := range rejected {
		m.rejections.WithLabelValues(r.Reason).Inc()
	}
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(ch chan<- *prometheus.Desc) {
	m.requests.Describe(ch)
	m.tokens.Describe(ch)
	m.rejections.Describe(ch)
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(ch chan<- prometheus.Metric) {
	m.requests.Collect(ch)
	m.tokens.Collect(ch)
	m.rejections.Collect(ch)
}
