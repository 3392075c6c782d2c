package prediction_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/documenttest"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/prediction"
	blocks "github.com/flink-sidecar/flink-sidecar/internal/outcome/production"
)

// TestDocumentedNumbers: docs/history.md states the limits that are used.
func TestDocumentedNumbers(t *testing.T) {
	text := documenttest.Text(t, "../../../docs/history.md")
	cfg := outcome.DefaultConfig()
	low, _ := prediction.Record{Results: map[episode.OutcomeResult]int{episode.Hit: 3}}.HitRate()
	for _, sentence := range []string{
		fmt.Sprintf("a block of %.0f minutes", time.Duration(cfg.Block).Minutes()),
		fmt.Sprintf("The first look is at %d blocks after the change. If they are too noisy, a second one follows at %d.",
			prediction.MinBlocks, prediction.MaxBlocks),
		fmt.Sprintf("Up to %d blocks before the change count, and at least %d.", prediction.MaxBlocks, prediction.MinBlocks),
		fmt.Sprintf("busiest subtask is busy less than %d %% of the time", 100/blocks.MostExtrapolated),
		fmt.Sprintf("%d deployments of both epochs", outcome.MinDeployments),
		fmt.Sprintf("three of three is %.0f to 100 %%", 100*low),
		fmt.Sprintf("at least %d accepted evaluations, and two of throughput, p99 and CPU are worse by %.0f %%",
			outcome.MinAccepted, cfg.RegressionPercent),
		fmt.Sprintf("fewer than %d job ids are among them, s is at least %.0f %%", outcome.MinJobIDs, 100*outcome.MinSpread),
		fmt.Sprintf("An epoch with fewer than %d blocks", prediction.MinBlocks),
		fmt.Sprintf("At most %d blocks of an epoch count", prediction.MaxBlocks),
		fmt.Sprintf("After more than %d evaluations in a row", outcome.MinAccepted),
	} {
		require.Contains(t, text, sentence)
	}
}
