package collector

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/expfmt"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/collector/exposition"
	"github.com/flink-sidecar/flink-sidecar/collector/metricnames"
	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// asks makes a lab's collector export user metrics.
func (l *lab) asks(metrics ...metricnames.UserMetric) {
	l.cfg.UserMetrics = metrics
	l.index = metricnames.NewIndex(metrics)
}

// userLines are the lines of the page about user metrics, without the labels
// that every line has.
func (l *lab) userLines() []string {
	l.t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(l.Collector)
	families, err := registry.Gather()
	require.NoError(l.t, err)
	var lines []string
	for _, family := range families {
		if !strings.HasPrefix(family.GetName(), "flink_user_") {
			continue
		}
		var text strings.Builder
		_, err := expfmt.MetricFamilyToText(&text, family)
		require.NoError(l.t, err)
		for line := range strings.Lines(text.String()) {
			if !strings.HasPrefix(line, "# HELP") {
				line = strings.NewReplacer(`cluster="lab",`, "", `job="orders enrichment",`, "",
					fmt.Sprintf(`,vertex_id="%s"`, l.Vertices[1]), "").Replace(line)
				before, rest, _ := strings.Cut(line, `,vertex="`)
				_, after, found := strings.Cut(rest, `"`)
				if found {
					line = before + after
				}
				lines = append(lines, strings.TrimSpace(line))
			}
		}
	}
	return lines
}

func TestUserMetrics(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	enrich := l.Vertices[1]
	l.SetMetric(enrich, "map.shop.eu.cacheMs_p99", 10, 30, 20, 20)
	l.SetMetric(enrich, "map.shop.eu.cacheMs_median", 1, 2, 3, 4)
	l.SetMetric(enrich, "map.shop.us.queue", 1, 2, 3, 4)
	l.SetMetric(enrich, "map.shop.us.debug", 1, 2, 3, 4)
	l.SetMetric(enrich, "map.shop.us.lookups", 0.5, 0.5, 0.5, 0.5)
	l.asks(
		metricnames.UserMetric{
			Match: `[^.]+\.lab\.(enrich)_v1\.(.+)`, Name: "${1}_$2",
			Type: metricnames.TypeCounter, Help: "Slow records.",
		},
		metricnames.UserMetric{
			Match: `.+\.shop\.(?P<region>[^.]+)\.cacheMs`, Type: metricnames.TypeHistogram,
			Name: "cache_seconds", Scale: 0.001, Labels: map[string]string{"region": "${region}"},
		},
		metricnames.UserMetric{Match: `.+\.shop\.[^.]+\.lookups`, Type: metricnames.TypeMeter},
		metricnames.UserMetric{Match: `.+\.shop\..*`, Exclude: `.*debug`, Aggregate: "max"},
	)
	l.first()
	l.next() // the names are the least important: they come in the second batch
	require.Equal(t, []string{
		"# TYPE flink_user_cache_seconds gauge",
		`flink_user_cache_seconds{operator="map",quantile="0.5",region="eu"} 0.004`,
		`flink_user_cache_seconds{operator="map",quantile="0.99",region="eu"} 0.03`,
		"# TYPE flink_user_enrich_slow_records_total counter",
		`flink_user_enrich_slow_records_total{operator="JSON_enrich_(v1_2)"} 7200`,
		"# TYPE flink_user_lookups_per_second gauge",
		`flink_user_lookups_per_second{operator="map"} 2`,
		"# TYPE flink_user_queue gauge",
		`flink_user_queue{operator="map"} 4`,
	}, trimmed(l.userLines()))
}

// trimmed drops the comma that taking labels out may leave.
func trimmed(lines []string) []string {
	for i, line := range lines {
		lines[i] = strings.Replace(line, "{,", "{", 1)
	}
	return lines
}

// TestUserMetricsAreBounded has a rule that matches everything, and a hundred thousand
// names: those not exported are counted, and the rest of the page is complete.
func TestUserMetricsAreBounded(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	for i := range 10 * huge {
		l.SetMetric(l.Vertices[1], fmt.Sprintf("map.customer.%06d", i), 1, 1, 1, 1)
	}
	l.asks(metricnames.UserMetric{
		Match: `map\.customer\.(.*)`, Name: "customers",
		Labels: map[string]string{"customer": "$1"},
	})
	l.renderer = exposition.New(exposition.Limits{Series: 5 * huge, User: 100})
	l.first()
	require.LessOrEqual(t, l.requests(), 2*2+12+2+2)
	l.next()
	l.next()
	l.next()
	require.Less(t, l.last.page.Len(), 1000)
	require.Len(t, l.userLines(), 101)
	job, _ := l.Job(orders)
	require.InDelta(t, 0.29325, job.Vertices[1].Busy.Mean, 1e-9)
	require.Positive(t, l.last.page.Dropped[metricnames.TooManyNames])
	require.Positive(t, l.last.page.Dropped[metricnames.TooManyUser])
}

// TestUserMetricsClash has two rules for one name of which one makes a counter:
// the first keeps it.
func TestUserMetricsClash(t *testing.T) {
	u := metricnames.NewUserRules([]metricnames.UserMetric{
		{Match: `a\.x`, Name: "n", Type: metricnames.TypeCounter},
		{Match: `b\.x`, Name: "n_total"},
	})
	_, ok := u.Find("a.x")
	require.True(t, ok)
	_, ok = u.Find("b.x")
	require.False(t, ok)
	require.Equal(t, map[string]int{metricnames.Duplicate: 1}, u.Refused)

	inOpenMetrics := metricnames.NewUserRules([]metricnames.UserMetric{{
		Match: `a\.x`, Name: "n",
		Type: metricnames.TypeCounter,
	}, {Match: `[bc]\.(.+)`, Name: "$1"}})
	for _, name := range []string{"a.x", "b.m"} {
		_, ok = inOpenMetrics.Find(name)
		require.True(t, ok, name)
	}
	for _, name := range []string{"b.n", "c.m_total"} {
		_, ok = inOpenMetrics.Find(name)
		require.False(t, ok, "a counter without its _total is called as much: %s", name)
	}

	u.Families.Made = make(map[string]metricnames.Ruled, metricnames.MaxUserFamilies)
	for i := range metricnames.MaxUserFamilies {
		u.Families.Made[fmt.Sprint(i)] = metricnames.Ruled{}
	}
	_, ok = u.Find("a.x")
	require.False(t, ok)
	require.Equal(t, map[string]int{metricnames.Duplicate: 1, metricnames.TooManyUser: 1}, u.Refused)
}

// TestRefusedNamesAreCounted at each poll, as all that is dropped.
func TestRefusedNamesAreCounted(t *testing.T) {
	l := newLab(t, flinktest.Flink23)
	l.SetMetric(l.Vertices[1], "a.x", 1, 1, 1, 1)
	l.SetMetric(l.Vertices[1], "b.x", 1, 1, 1, 1)
	l.asks(metricnames.UserMetric{Match: `a\.x`, Name: "n"}, metricnames.UserMetric{
		Match: `b\.x`, Name: "n",
		Type: metricnames.TypeMeter, Labels: map[string]string{"l": "1"},
	},
		metricnames.UserMetric{Match: `b\.x`, Name: "n"})
	l.first()
	require.Zero(t, l.last.page.Dropped[metricnames.Duplicate])
	l.asks(metricnames.UserMetric{Match: `a\.x`, Name: "n"},
		metricnames.UserMetric{Match: `b\.x`, Name: "n", Labels: map[string]string{"l": "1"}})
	l.next()
	require.Equal(t, 1, l.last.page.Dropped[metricnames.Duplicate])
	l.next()
	require.Equal(t, 1, l.last.page.Dropped[metricnames.Duplicate])
}

func TestMangle(t *testing.T) {
	require.Equal(t, "a_b__c9_", metricnames.Mangle("a-b: c9é"))
}

func TestUserMetricFaults(t *testing.T) {
	cfg := DefaultConfig()
	cfg.MaxSeries, cfg.MaxUserSeries = 0, -1
	cfg.UserMetrics = []metricnames.UserMetric{
		{},
		{Match: "(", Type: "summary", Aggregate: "p99", Scale: -1, Labels: map[string]string{"job": "x", "9": "y"}},
	}
	var texts []string
	for _, fault := range cfg.Validate() {
		texts = append(texts, fault.Error())
	}
	require.ElementsMatch(t, []string{
		"max_series: 0 leaves no room (50000 is enough for a thousand vertices)",
		"max_user_series: -1 is negative (0 exports none)",
		`user_metrics[0].match: missing (say which names, for example '[^.]+\.shop\.(orders_.+)')`,
		"user_metrics[1].match: \"(\" is not a regular expression: error parsing regexp: missing closing ): `(` " +
			"(see https://github.com/google/re2/wiki/Syntax)",
		`user_metrics[1].type: unknown type "summary" (one of gauge, counter, meter, histogram)`,
		`user_metrics[1].aggregate: unknown aggregate "p99" (one of sum, avg, min, max)`,
		"user_metrics[1].scale: -1 is negative or not a number (give the factor to a base unit, for example 0.001)",
		`user_metrics[1].labels.job: every metric of a job has a label "job" (choose another name)`,
		`user_metrics[1].labels.9: "9" is not a valid label (letters, digits and _ after a letter)`,
	}, texts)
	endless := metricnames.UserMetric{Match: "x", Scale: math.Inf(1)}
	require.Len(t, endless.Validate(), 1)
	require.Empty(t, (&Config{
		PollInterval: cfg.PollInterval, MaxSeries: 1,
		UserMetrics: []metricnames.UserMetric{{Match: ".*"}},
	}).Validate())
}
