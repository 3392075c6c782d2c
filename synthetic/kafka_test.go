package synthetic_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// write produces one record to a sink's topic, as the job does.
func (s *stack) write(client *kgo.Client, topic, seed string) {
	s.t.Helper()
	require.NoError(
		s.t,
		client.ProduceSync(s.ctx, &kgo.Record{Topic: topic, Value: []byte(`{"seed":"` + seed + `"}`)}).FirstErr(),
	)
}

// pendingSeed starts a round of one record and returns its seed.
func (s *stack) pendingSeed(p *synthetic.Prober) string {
	s.t.Helper()
	go func() { _, _ = p.Round(s.ctx, 1) }() // it returns with the bubble, if not before
	s.sleep(time.Second)
	seed := ""
	for _, r := range s.history.All() {
		if r.Open() {
			seed = r.Seed
		}
	}
	require.NotEmpty(s.t, seed)
	return seed
}

// The hop of a Kafka sink shows the latency of the job. The goal for the error is 2 ms
// at the median and 25 ms at most.
func TestKafkaHopsAreExact(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		p := s.start()
		for _, delay := range []time.Duration{50 * time.Millisecond, time.Second, 7 * time.Second, 30 * time.Second} {
			s.job.set(func(j *fakeJob) { j.enriched, j.alerts = delay, delay/2 })
			m, err := p.Round(s.ctx, 8)
			require.NoError(t, err)
			require.InDelta(t, delay.Seconds(), m.Hops[2].P50, .002)
			require.InDelta(t, delay.Seconds(), m.Hops[2].Max, .025)
			require.InDelta(t, delay.Seconds()/2, m.Hops[3].P50, .002)
			require.InDelta(t, delay.Seconds()/2, m.Hops[3].Max, .025)
		}
	})
}

// A transactional job publishes its records with the commit, one checkpoint later, when
// a consumer gets them.
func TestTransactions(t *testing.T) {
	for _, tc := range []struct {
		isolation string
		commit    kgo.TransactionEndTry
		seen      map[episode.RecordOutcome]int64
		latency   float64
	}{
		{"read_committed", kgo.TryCommit, map[episode.RecordOutcome]int64{episode.OnTime: 1}, 11},
		{"read_committed", kgo.TryAbort, map[episode.RecordOutcome]int64{episode.Lost: 1}, 0},
		{"read_uncommitted", kgo.TryAbort, map[episode.RecordOutcome]int64{episode.OnTime: 1}, 1},
	} {
		run(t, func(t *testing.T, s *stack) {
			s.options.OnDemand = true
			s.sinks = s.sinks[:1]
			s.sinks[0].Kafka.Isolation = tc.isolation
			p := s.start()
			defer s.stop()
			job := s.client(kgo.TransactionalID("orders-enrichment"))
			defer job.Close()
			seed := s.pendingSeed(p)
			require.NoError(t, job.BeginTransaction())
			s.write(job, "orders-enriched", seed)
			s.sleep(10 * time.Second)
			require.NoError(t, job.EndTransaction(s.ctx, tc.commit))
			s.sleep(4 * time.Minute)
			s.everywhere(tc.seen)
			require.InDelta(t, tc.latency, s.shows("latency_seconds", "enriched"), .02)
		})
	}
}

func TestSourceTopicWithNewPartitions(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		p := s.start()
		s.sleep(5 * time.Second)
		client := s.client()
		defer client.Close()
		_, err := kadm.NewClient(client).CreatePartitions(s.ctx, 2, "orders")
		require.NoError(t, err)
		s.sleep(2 * time.Minute)
		require.InDelta(t, 10, s.shows("round_interval_seconds"), 0)
		require.NotNil(t, p.Status().LastRound)
		for _, account := range p.Status().LastRound.Accounts {
			require.Equal(
				t, map[episode.RecordOutcome]int64{episode.OnTime: 6}, outcomes(account),
				"one record for each partition, all of them through",
			)
		}
	})
}

func TestSinkTopicRecreated(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		p := s.start()
		s.background("orders-enriched", 10_000)
		_, err := p.Round(s.ctx, 4)
		require.NoError(t, err)
		require.NoError(t, s.cluster.DeleteTopic("orders-enriched"))
		require.NoError(t, s.cluster.CreateTopic("orders-enriched", 3, nil))
		s.job.client.PurgeTopicsFromProducing("orders-enriched")
		s.sleep(5 * time.Minute)
		m, err := p.Round(s.ctx, 4)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 4}, outcomes(m.Accounts[0]))
		require.Zero(t, m.Accounts[0].Duplicates)
	})
}

func TestSourceTopicRecreated(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		p := s.start()
		s.sleep(15 * time.Second)
		require.NoError(t, s.cluster.DeleteTopic("orders"))
		s.sleep(30 * time.Second)
		require.Equal(
			t, `kafka: topic "orders" does not exist (create it, or correct probe.topic)`, p.Status().Waiting,
		)
		require.NoError(t, s.cluster.CreateTopic("orders", 2, nil))
		s.sleep(time.Minute)
		require.Empty(t, p.Status().Problems)
		require.NotEmpty(t, s.sent())
	})
}

// The process is stopped while a record is under way. A record that arrives meanwhile
// is found, but its time of arrival is unknown.
func TestSightingsAfterStandingStillAreBounds(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.options.OnDemand = true
		s.sinks = s.sinks[:1]
		p := s.start()
		defer s.stop()
		job := s.client()
		defer job.Close()
		seed := s.pendingSeed(p)
		p.StandStill()
		s.write(job, "orders-enriched", seed) // before the reader asks for the ends
		s.sleep(5 * time.Second)
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 1})
		require.InDelta(t, 1, s.shows("unmeasured_total", "enriched"), 0)
		require.InDelta(t, 0, s.shows("latency_seconds", "enriched"), 0)

		seed = s.pendingSeed(p)
		s.write(job, "orders-enriched", seed)
		s.sleep(5 * time.Second)
		require.InDelta(t, 1, s.shows("latency_seconds", "enriched"), .02, "exact again")
	})
}

func TestTwoSeedsInOneRecord(t *testing.T) {
	run(t, func(_ *testing.T, s *stack) {
		s.options.OnDemand = true
		s.options.Config.MaxRate = 1000
		s.sinks = s.sinks[:1]
		p := s.start()
		defer s.stop()
		job := s.client()
		defer job.Close()
		go func() { _, _ = p.Round(s.ctx, 2) }()
		s.sleep(time.Second)
		var both string
		for _, r := range s.history.All() {
			both += r.Seed + `","`
		}
		s.write(job, "orders-enriched", both) // a window that collects records
		s.sleep(5 * time.Second)
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 2})
	})
}

// The topic is deleted and made again while records are under way.
func TestSinkTopicRecreatedAtOnce(t *testing.T) {
	for _, partitions := range []int32{1, 2, 3} {
		run(t, func(t *testing.T, s *stack) {
			s.startJob()
			defer s.job.end()
			s.job.set(func(j *fakeJob) { j.enriched = 2 * time.Second })
			p := s.start()
			s.background("orders-enriched", 10_000)
			s.sleep(21 * time.Second)
			require.NoError(t, s.cluster.DeleteTopic("orders-enriched"))
			require.NoError(t, s.cluster.CreateTopic("orders-enriched", partitions, nil))
			s.job.client.PurgeTopicsFromProducing("orders-enriched")
			s.sleep(5 * time.Minute)
			before := s.history.Account(t, "enriched")
			s.sleep(time.Minute)
			after := s.history.Account(t, "enriched")
			require.Equal(t, before.Outcomes[episode.Lost], after.Outcomes[episode.Lost], "partitions: %d", partitions)
			require.Positive(t, after.Outcomes[episode.OnTime]-before.Outcomes[episode.OnTime])
			require.Empty(t, p.Status().Problems)
		})
	}
}

func TestSourceTopicRecreatedAtOnce(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		p := s.start()
		s.sleep(21 * time.Second)
		require.NoError(t, s.cluster.DeleteTopic("orders"))
		require.NoError(t, s.cluster.CreateTopic("orders", 2, nil))
		s.sleep(3 * time.Minute)
		before := len(s.sent())
		s.sleep(time.Minute)
		require.InDelta(t, 12, len(s.sent())-before, 2, "six rounds of two")
		require.Empty(t, p.Status().Waiting)
	})
}
