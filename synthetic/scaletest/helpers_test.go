package scaletest_test

import (
	"context"
	"testing"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func keeper(into *[]episode.ScaleTest) func(context.Context, episode.ScaleTest) error {
	return func(_ context.Context, test episode.ScaleTest) error {
		*into = append(*into, test)
		return nil
	}
}
