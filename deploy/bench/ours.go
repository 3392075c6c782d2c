package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/flink-sidecar/flink-sidecar/collector"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// sidecar is the sidecar's own collector without the rest.
type sidecar struct {
	*collector.Collector
	client   *flink.Client
	registry *prometheus.Registry
}

func newSidecar(url string) (*sidecar, error) {
	cfg := flink.DefaultConfig()
	cfg.URL = url
	client, err := flink.New(cfg)
	if err != nil {
		return nil, err
	}
	s := &sidecar{client: client, registry: prometheus.NewPedanticRegistry()}
	s.Collector = collector.New(collector.DefaultConfig(), client, slog.New(slog.DiscardHandler))
	return s, errors.Join(s.registry.Register(s.Collector), s.registry.Register(client))
}

func (s *sidecar) poll(ctx context.Context) error { return s.Poll(ctx) }

// requests is the number of requests so far.
func (s *sidecar) requests() (n int, err error) {
	families, err := s.registry.Gather()
	for _, family := range families {
		if family.GetName() != "flink_sidecar_flink_requests_total" {
			continue
		}
		for _, metric := range family.GetMetric() {
			n += int(metric.GetCounter().GetValue())
		}
	}
	return n, err
}

// gauge is the one sample of a family.
func (s *sidecar) gauge(name string) (value float64, known bool, err error) {
	families, err := s.registry.Gather()
	for _, family := range families {
		if family.GetName() == name && len(family.GetMetric()) == 1 {
			return valueOf(family.GetMetric()[0]), true, err
		}
	}
	return 0, false, err
}

func valueOf(m *dto.Metric) float64 {
	return m.GetGauge().GetValue() + m.GetCounter().GetValue() + m.GetUntyped().GetValue()
}
