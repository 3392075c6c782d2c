package synthetic_test

import (
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
	"github.com/flink-sidecar/flink-sidecar/synthetic/kafka"
	"github.com/flink-sidecar/flink-sidecar/synthetic/scaletest/pipelinetest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// Of 10,000 records the job loses 5 %, writes 5 % twice and puts 5 % behind the next record
// of their key. Each is counted exactly.
func TestFaultsAreCountedExactly(t *testing.T) {
	const each = 20
	records := 10_000
	if testing.Short() {
		records = 1_000
	}
	synctest.Test(t, func(t *testing.T) {
		s := pipelinetest.Start(t, pipelinetest.Behaviour{Fate: func(i int) pipelinetest.Fate {
			return pipelinetest.Fate{Lost: i%each == 3, Twice: i%each == 8, Behind: i%each == 13}
		}}, kfake.NumBrokers(1))
		history := synthetictest.NewHistory()
		p := onDemand(t, s, history)
		m, err := p.Round(t.Context(), records)
		require.NoError(t, err)
		require.Empty(t, m.Warnings)
		account := m.Accounts[0]
		require.True(t, account.Balanced())
		require.EqualValues(t, records, account.Intended)
		require.EqualValues(t, records/each, account.Outcomes[episode.Lost])
		require.EqualValues(t, records-records/each, account.Outcomes[episode.OnTime])
		require.EqualValues(t, records/each, account.Duplicates)
		require.EqualValues(t, records/each, account.Reordered)
		require.EqualValues(t, records-2*records/each, account.InOrder)
	})
}

// onDemand runs a probe with one Kafka sink at full speed.
func onDemand(t *testing.T, s *pipelinetest.Stack, history account.History) *synthetic.Prober {
	t.Helper()
	cfg := synthetic.DefaultConfig()
	cfg.Job, cfg.Topic, cfg.MaxRate = "orders enrichment", "orders", 100
	cfg.OnTimeWithin, cfg.Cutoff = model.Duration(time.Second), model.Duration(time.Second) // few are remembered
	cfg.Template = `{"seed":"{{.Seed}}"}`
	cfg.ReadBudget = 1 << 30
	log := slog.New(slog.DiscardHandler)
	source, specs, err := sinks.Open(
		[]sinks.Config{{Name: "enriched", Kafka: &kafka.SinkConfig{Topic: "orders-enriched", Isolation: "read_committed"}}},
		sinks.Servers{Kafka: &kafka.Config{Brokers: s.Brokers}, Probe: &cfg, Log: log, Dial: s.Network.Dial})
	require.NoError(t, err)
	p, err := synthetic.New(synthetic.Options{
		Config: &cfg, Source: source, Sinks: specs, OnDemand: true, History: history, Log: log,
	})
	require.NoError(t, err)
	done := make(chan error, 1)
	go func() { done <- p.Run(t.Context()) }()
	t.Cleanup(func() { require.NoError(t, <-done) }) // the context ends before
	return p
}
