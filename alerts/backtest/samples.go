package backtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// RunText runs the rules over samples in OpenMetrics text, see [Read] and [Run]. place names the text
// in errors.
func RunText(
	c alerts.Config, probed snapshot.Labels, text io.Reader, place string,
) (result Result, whole bool, err error) {
	samples, whole, err := Read(text)
	if err != nil {
		return result, whole, fmt.Errorf("%s: %w", place, err)
	}
	result, err = Run(c, probed, samples.Pages())
	return result, whole, at(place, err)
}

// Past is a stretch of the past in a Prometheus, up to now.
type Past struct {
	Prometheus alerts.PrometheusConfig
	// Since is how long ago it begins, Step the time between two samples.
	Since, Step time.Duration
	// Clusters are those of the configuration: the Prometheus may have pages of other sidecars. None
	// are all.
	Clusters []string
	// Probed are the labels of the signals of the probe.
	Probed snapshot.Labels
}

// RunPast runs the rules over samples that a Prometheus has.
func RunPast(ctx context.Context, c alerts.Config, past Past) (Result, error) {
	source, err := recorded.New(past.Prometheus)
	if err != nil {
		return Result{}, err
	}
	defer source.Close()
	now := time.Now()
	result, err := Run(c, past.Probed, source.PagesOf(ctx, past.Clusters, now.Add(-past.Since), now, past.Step))
	return result, at(past.place(), err)
}

// place is the Prometheus, and the clusters that count.
func (p Past) place() string {
	if len(p.Clusters) == 0 {
		return p.Prometheus.URL
	}
	return p.Prometheus.URL + ", clusters of the section flink (" + strings.Join(p.Clusters, ", ") + ")"
}

// at adds the place of the samples to the error that there are none.
func at(place string, err error) error {
	if errors.Is(err, ErrNoSamples) {
		return fmt.Errorf("%s: %w", place, err)
	}
	return err
}
