// Package recorded reads the sidecar's page of the past: what a Prometheus that scrapes the
// sidecar recorded of the metrics that signals need.
package recorded

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"math"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/api"
	promv1 "github.com/prometheus/client_golang/api/prometheus/v1"
	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
)

const (
	// timeout is for one request.
	timeout = time.Minute
	// maxSpan bounds the time that one request asks for at a step of dense, because Prometheus
	// refuses queries that load more than 50 million samples (query.max-samples). A longer step
	// loads fewer.
	maxSpan = 2 * time.Hour
	dense   = 15 * time.Second
	// maxPoints bounds the points of a series in one request: Prometheus refuses more than
	// 11,000.
	maxPoints = 10_000
)

// Page is what the sidecar's page said at a time.
type Page struct {
	At     time.Time
	Series []signal.Series
}

// Source is a Prometheus with the sidecar's metrics.
type Source struct {
	url    string
	client *http.Client
	api    promv1.API
}

// New returns the Prometheus of the section. It sends no request.
func New(c alerts.PrometheusConfig) (*Source, error) {
	client, err := commoncfg.NewClientFromConfig(c.HTTP, "prometheus")
	if err != nil {
		return nil, fmt.Errorf("alerts.prometheus.http: %w (correct it)", err)
	}
	client.Timeout = timeout
	client.Transport = bounded{client.Transport}
	asked, err := api.NewClient(api.Config{Address: c.URL, Client: client})
	if err != nil {
		return nil, fmt.Errorf("alerts.prometheus.url: %w (write it as http://prometheus:9090)", err)
	}
	return &Source{url: c.URL, client: client, api: promv1.NewAPI(asked)}, nil
}

// Close ends idle connections.
func (s *Source) Close() { s.client.CloseIdleConnections() }

// Pages yields the pages between two times, a step apart, in the order of their times. A page
// without samples is left out. It asks for a stretch of time after the other, so that a long
// past fits in memory. The first error is the last thing that it yields.
func (s *Source) Pages(ctx context.Context, from, until time.Time, step time.Duration) iter.Seq2[Page, error] {
	span := min(maxSpan*max(1, step/dense), maxPoints*step) / step * step
	return func(yield func(Page, error) bool) {
		for begin := from; !begin.After(until); begin = begin.Add(span + step) {
			end := begin.Add(span)
			if end.After(until) {
				end = until
			}
			pages, err := s.ask(ctx, promv1.Range{Start: begin, End: end, Step: step})
			if err != nil {
				yield(Page{}, fmt.Errorf("asking Prometheus at %s: %w", s.url, err))
				return
			}
			for _, at := range slices.Sorted(maps.Keys(pages)) {
				if !yield(Page{at.Time(), pages[at]}, nil) {
					return
				}
			}
		}
	}
}

// PagesOf are the pages of the sidecar of these clusters, which may not be the only one that this
// Prometheus scrapes; without clusters they are all pages.
func (s *Source) PagesOf(
	ctx context.Context, clusters []string, from, until time.Time, step time.Duration,
) iter.Seq2[Page, error] {
	if len(clusters) == 0 {
		return s.Pages(ctx, from, until, step)
	}
	return newOurs(clusters).only(s.Pages(ctx, from, until, step))
}

// query selects all metrics that signals need.
func query() string {
	return `{__name__=~"` + strings.Join(slices.Sorted(slices.Values(signal.Metrics())), "|") + `"}`
}

// ask sends one request, and sorts the answer by time.
func (s *Source) ask(ctx context.Context, r promv1.Range) (map[model.Time][]signal.Series, error) {
	value, _, _, err := s.api.QueryRange(ctx, query(), r)
	if err != nil {
		return nil, err
	}
	matrix, ok := value.(model.Matrix)
	if !ok {
		return nil, fmt.Errorf("it answers with a %T and not with a matrix (set alerts.prometheus.url to the root URL of a Prometheus)", value)
	}
	pages := map[model.Time][]signal.Series{}
	for _, series := range matrix {
		name, labels := named(series.Metric)
		if !signal.Needs(name) {
			continue
		}
		for _, point := range series.Values {
			if v := float64(point.Value); !math.IsNaN(v) {
				pages[point.Timestamp] = append(pages[point.Timestamp], signal.Series{Name: name, Labels: labels, Value: v})
			}
		}
	}
	return pages, nil
}

// clusterLabel is on all metrics of the page that are about Flink.
const clusterLabel = "cluster"

// named are the name and the labels as on the sidecar's page: a scrape without honor_labels
// renames the labels job and cluster where the target has them itself.
func named(m model.Metric) (name string, labels map[string]string) {
	labels = make(map[string]string, len(m))
	for label, value := range m {
		labels[string(label)] = string(value)
	}
	for _, label := range []string{model.JobLabel, clusterLabel} {
		if moved := labels[model.ExportedLabelPrefix+label]; moved != "" {
			labels[label] = moved
		}
	}
	return labels[model.MetricNameLabel], labels
}
