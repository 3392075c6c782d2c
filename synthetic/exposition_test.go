package synthetic

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
)

// scrapeLatencies observes one record in a histogram and scrapes it.
func scrapeLatencies(t *testing.T, accept, seed string) string {
	t.Helper()
	m, registry := newMetrics(), prometheus.NewRegistry()
	registry.MustRegister(m.latency)
	m.observe(account.Sample{Hop: "visible", Seed: seed, Latency: 1300 * time.Millisecond, Quality: account.Measured})
	request := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
	request.Header.Set("Accept", accept)
	answer := httptest.NewRecorder()
	promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}).ServeHTTP(answer, request)
	require.Equal(t, http.StatusOK, answer.Code)
	return answer.Body.String()
}

// A slow bucket links to a slow record, if the scraper supports exemplars.
func TestExemplarsHaveTheSeed(t *testing.T) {
	seed := payload.NewSeed(ulid.Make(), 9_999_999)
	require.LessOrEqual(t, utf8.RuneCountInString("seed"+seed), prometheus.ExemplarMaxRunes, "the longest seed")

	page := scrapeLatencies(t, "application/openmetrics-text;version=1.0.0", seed)
	require.Regexp(
		t,
		`flink_sidecar_probe_latency_seconds_bucket\{hop="visible",le="2\.5"\} 1 # \{seed="`+seed+`"\} 1\.3 \d+\.\d+`,
		page,
	)
	page = scrapeLatencies(t, "text/plain;version=0.0.4", seed)
	require.Contains(t, page, `flink_sidecar_probe_latency_seconds_bucket{hop="visible",le="2.5"} 1`+"\n")
	require.NotContains(t, page, seed)
}

func TestLatenciesAsNativeHistogram(t *testing.T) {
	seed := payload.NewSeed(ulid.Make(), 0)
	page := scrapeLatencies(
		t, "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited", seed,
	)
	var family dto.MetricFamily
	decoder := expfmt.NewDecoder(bytes.NewReader([]byte(page)), expfmt.NewFormat(expfmt.TypeProtoDelim))
	require.NoError(t, decoder.Decode(&family))
	require.ErrorIs(t, decoder.Decode(new(dto.MetricFamily)), io.EOF)
	histogram := family.GetMetric()[0].GetHistogram()
	require.EqualValues(t, 3, histogram.GetSchema())
	require.Equal(t, []int64{1}, histogram.GetPositiveDelta())
	require.Len(t, histogram.GetBucket(), len(latencyBuckets))
	require.Equal(t, seed, histogram.GetExemplars()[0].GetLabel()[0].GetValue())
}
