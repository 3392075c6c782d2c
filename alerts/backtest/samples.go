package backtest

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded"
)

// RunText runs the rules over samples in OpenMetrics text, see [Read]. place names the text in
// errors.
func RunText(c alerts.Config, text io.Reader, place string) (result Result, whole bool, err error) {
	samples, whole, err := Read(text)
	if err != nil {
		return result, whole, fmt.Errorf("%s: %w", place, err)
	}
	result, err = Run(c, samples.Pages())
	return result, whole, at(place, err)
}

// Past is a stretch of the past in a Prometheus, up to now.
type Past struct {
	Prometheus alerts.PrometheusConfig
	// Since is how long ago it begins, Step the time between two samples.
	Since, Step time.Duration
}

// RunPast runs the rules over samples that a Prometheus has.
func RunPast(ctx context.Context, c alerts.Config, past Past) (Result, error) {
	source, err := recorded.New(past.Prometheus)
	if err != nil {
		return Result{}, err
	}
	defer source.Close()
	now := time.Now()
	result, err := Run(c, source.Pages(ctx, now.Add(-past.Since), now, past.Step))
	return result, at(past.Prometheus.URL, err)
}

// at adds the place of the samples to the error that there are none.
func at(place string, err error) error {
	if errors.Is(err, ErrNoSamples) {
		return fmt.Errorf("%s: %w", place, err)
	}
	return err
}
