package scaletest_test

import (
	"context"
	"testing"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

func contextFor(t *testing.T, d time.Duration) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithTimeout(t.Context(), d)
}

func keeper(into *[]scalerun.Test) func(context.Context, scalerun.Test) error {
	return func(_ context.Context, test scalerun.Test) error {
		*into = append(*into, test)
		return nil
	}
}
