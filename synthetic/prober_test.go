package synthetic_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alecthomas/units"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// outcomes returns the account of a sink, without the zeros.
func outcomes(account episode.Account) map[episode.RecordOutcome]int64 {
	out := map[episode.RecordOutcome]int64{}
	for outcome, n := range account.Outcomes {
		if n != 0 {
			out[outcome] = n
		}
	}
	return out
}

// everywhere checks that each sink has exactly these outcomes in the history.
func (s *stack) everywhere(want map[episode.RecordOutcome]int64) {
	s.t.Helper()
	for _, sink := range s.sinks {
		require.Equal(s.t, want, outcomes(s.history.Account(s.t, sink.Name)), sink.Name)
	}
	s.balanced()
}

func TestARoundPassesEveryHop(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		m, err := s.start().Round(s.ctx, 0)
		require.NoError(t, err)
		require.Equal(t, []episode.Hop{
			{Name: "acknowledged", Count: 4},
			{Name: "ingested", Count: 4},
			{Name: "enriched", Count: 4, P50: .02, P99: .02, Max: .02},
			{Name: "alerts", Count: 4, P50: .03, P99: .03, Max: .03},
			{Name: "indexed", Count: 4, P50: .1, P99: .1, Max: .1},
			// Searched at 0, 0.25, …: found at 0.25, so the moment is the middle.
			{Name: "visible", Count: 4, P50: .125, P99: .125, Max: .125},
		}, m.Hops)
		require.Equal(t, "round", m.Kind)
		require.Equal(t, []string{"test", "orders enrichment"}, []string{m.Cluster, m.Job})
		require.Equal(
			t, 3125*time.Millisecond, m.Ended.Sub(m.Began), "three gaps of a second, and the last record's way",
		)
		require.Empty(t, m.Warnings)
		for i, sink := range []string{"enriched", "alerts", "search"} {
			require.Equal(t, sink, m.Accounts[i].Sink)
			require.EqualValues(t, 4, m.Accounts[i].Intended)
			require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 4}, outcomes(m.Accounts[i]))
		}
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 4})
		require.Empty(t, s.elastic.IDs(), "the probe leaves no documents")
	})
}

func TestSentRecords(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		m, err := s.start().Round(s.ctx, 6)
		require.NoError(t, err)
		sent := s.sent()
		require.Len(t, sent, 6)
		for i, r := range sent {
			seed := fmt.Sprintf("fsp-%s-%d", m.ID, i)
			require.EqualValues(t, i%4, r.Partition)
			require.Equal(t, fmt.Sprintf("flink-sidecar-%d", i%4), string(r.Key))
			require.Equal(t, "flink-sidecar-seed", r.Headers[0].Key)
			require.Equal(t, seed, string(r.Headers[0].Value))
			var value struct {
				OrderID    string `json:"order_id"`
				Seed       string `json:"seed"`
				CustomerID string `json:"customer_id"`
				CreatedAt  int64  `json:"created_at"`
			}
			require.NoError(t, json.Unmarshal(r.Value, &value))
			require.Equal(
				t, []string{seed, seed, string(r.Key)}, []string{value.OrderID, value.Seed, value.CustomerID},
			)
			require.InDelta(t, m.Began.Add(time.Duration(i)*time.Second).UnixMilli(), value.CreatedAt, 20)
		}
	})
}

func TestSeededKeys(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		s.options.Config.KeyMode = synthetic.KeySeeded
		m, err := s.start().Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, "fsp-"+m.ID+"-0", string(s.sent()[0].Key))
	})
}

func TestTheSchedule(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		p := s.start()
		s.sleep(35 * time.Second) // rounds at 0, 10, 20 and 30 s, complete 3 s later
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 16})
		require.Equal(t, 10*time.Second, p.Status().Interval)
		require.InDelta(t, 10, s.shows("round_interval_seconds"), 0)

		p.Pause(true)
		s.sleep(time.Minute)
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 16})
		require.InDelta(t, 1, s.shows("paused"), 0)
		require.True(t, p.Status().Paused)
		_, err := p.Round(s.ctx, 1)
		require.ErrorIs(t, err, synthetic.ErrPaused)

		p.Pause(false)
		s.sleep(10 * time.Second)
		require.EqualValues(t, 20, s.history.Account(t, "alerts").Intended)
		require.InDelta(t, 0, s.shows("skipped_rounds_total"), 0, "a pause does not count as skipped rounds")
	})
}

func TestSinksAreReadOnlyWhileARecordIsUnderWay(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		p := s.start()
		s.background("orders-enriched", 1000)
		_, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		s.sleep(5 * time.Second) // let the reader go
		bytes, searches := s.shows("read_bytes_total", "enriched"), s.elastic.Searched()
		require.Less(t, bytes, 5000.0, "records before ours are not read")
		s.background("orders-enriched", 1000)
		s.sleep(30 * time.Second)
		require.InDelta(t, bytes, s.shows("read_bytes_total", "enriched"), 0)
		// The search for duplicates continues a little longer, every three seconds.
		require.LessOrEqual(t, s.elastic.Searched()-searches, 11)
		s.sleep(4 * time.Minute)
		searches = s.elastic.Searched()
		s.sleep(time.Hour)
		require.Equal(t, searches, s.elastic.Searched())
	})
}

func TestLateRecords(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.job.set(func(j *fakeJob) { j.enriched, j.alerts, j.indexed = 70*time.Second, time.Second, 70*time.Second })
		s.options.OnDemand = true
		m, err := s.start().Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.Late: 1}, outcomes(m.Accounts[0]))
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 1}, outcomes(m.Accounts[1]))
		require.Equal(t, map[episode.RecordOutcome]int64{episode.Late: 1}, outcomes(m.Accounts[2]))
		require.InDelta(t, 70, s.shows("latency_seconds", "enriched"), .02)
		require.InDelta(t, 1, s.shows("latency_seconds", "alerts"), .02)
		require.InDelta(t, 70, s.shows("latency_seconds", "visible"), .15)
	})
}

func TestLostRecordsThatArriveLater(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.job.set(func(j *fakeJob) { j.enriched, j.alerts, j.indexed = -1, 200*time.Second, 200*time.Second })
		s.options.OnDemand = true
		m, err := s.start().Round(s.ctx, 1)
		require.NoError(t, err)
		for _, account := range m.Accounts {
			require.Equal(t, map[episode.RecordOutcome]int64{episode.Lost: 1}, outcomes(account))
		}
		require.InDelta(t, 180, m.Ended.Sub(m.Began).Seconds(), .6)
		s.sleep(25 * time.Second)
		require.InDelta(t, 0, s.shows("seen_after_lost_total", "enriched"), 0)
		require.InDelta(t, 1, s.shows("seen_after_lost_total", "alerts"), 0)
		require.InDelta(t, 1, s.shows("seen_after_lost_total", "search"), 0)
		require.InDelta(t, 200, s.shows("latency_seconds", "alerts"), .02, "the true latency of a late record")
		require.InDelta(t, 200, s.shows("latency_seconds", "visible"), 1.6)
		require.Empty(t, s.elastic.IDs())
		s.everywhere(map[episode.RecordOutcome]int64{episode.Lost: 1})
	})
}

func TestDuplicatesAreSeen(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		// Each record arrives twice, half a second apart. Four are sent a second apart,
		// and reading ends with the first sighting of the last one.
		s.job.set(func(j *fakeJob) { j.enriched, j.alerts, j.copies = 5*time.Second, 5*time.Second, 2 })
		s.options.OnDemand = true
		m, err := s.start().Round(s.ctx, 4)
		require.NoError(t, err)
		s.sleep(5 * time.Second)
		require.EqualValues(t, 3, s.history.Account(t, "enriched").Duplicates)
		require.InDelta(t, 3, s.shows("duplicates_total", "alerts"), 0)
		require.InDelta(
			t, 0, s.shows("duplicates_total", "search"), 0, "the same document written again is no duplicate",
		)

		s.elastic.Put("another-id", map[string]any{"seed": "fsp-" + m.ID + "-0"})
		s.sleep(5 * time.Second)
		require.InDelta(t, 1, s.shows("duplicates_total", "search"), 0)
		require.Empty(t, s.elastic.IDs(), "the duplicate is removed too")
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 4})
	})
}

func TestBrokerOutageOfAMinute(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		p := s.start()
		s.sleep(15 * time.Second) // two rounds through
		require.True(t, s.up()["kafka"])
		s.network.Cut(brokerAddress)
		s.sleep(63 * time.Second) // the rounds of 20 to 70 s
		require.False(t, s.up()["kafka"])
		status := p.Status()
		require.Contains(t, status.Waiting, "kafka: no broker answers at localhost:19092: ")
		require.Contains(t, status.Waiting, "(start the brokers, or correct kafka.brokers)")
		require.Equal(t, status.Waiting, status.Problems[0])
		s.network.Mend(brokerAddress)
		s.sleep(30 * time.Second)
		require.True(t, s.up()["kafka"])
		require.Empty(t, p.Status().Waiting)
		s.sleep(3 * time.Minute)
		p.Pause(true)
		s.sleep(5 * time.Second)
		account := s.history.Account(t, "alerts")
		// Six rounds of four were due, and the last of them were retried long enough.
		require.InDelta(t, 22, account.Outcomes[episode.NotSent], 2)
		require.Equal(t, account.Intended, account.Outcomes[episode.NotSent]+account.Outcomes[episode.OnTime])
		require.EqualValues(t, 29*4, account.Intended, "the rounds of 0 to 280 s, also those that could not be sent")
		s.balanced()
	})
}

func TestElasticsearchOutageOfAMinute(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		p := s.start()
		s.network.Cut(elasticAddress)
		time.AfterFunc(30*time.Second, func() { s.network.Mend(elasticAddress) })
		m, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 1})
		require.InDelta(t, 30, m.Hops[5].P50, .6, "not visible before the server was back")
		require.True(t, s.up()["elasticsearch"])
		require.Empty(t, p.Status().Problems)
	})
}

func TestJobThatDoesNotRead(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		p := s.start()
		s.sleep(11 * time.Minute)
		p.Pause(true)
		s.sleep(10 * time.Second)
		account := s.history.Account(t, "search")
		require.Positive(t, account.Outcomes[episode.Lost])
		require.Positive(t, account.Outcomes[episode.Pending])
		require.InDelta(t, 180, s.shows("oldest_pending_seconds"), 15)
		s.sleep(4 * time.Minute)
		s.everywhere(map[episode.RecordOutcome]int64{episode.Lost: account.Intended})
		require.InDelta(t, 0, s.shows("oldest_pending_seconds"), 0)
	})
}

// jobView is a job whose state the test sets.
type jobView struct {
	state atomic.Value // string; "" is unknown
	rate  atomic.Int64 // 0 is unknown, idle is 0
	// failed is the cause of a failure; nil if the job did not fail.
	failed atomic.Pointer[string]
}

// idle is the rate of a job that is known to read nothing.
const idle = -1

func (v *jobView) State() (string, bool) {
	state := v.state.Load().(string)
	return state, state != ""
}

func (v *jobView) InputRate() (float64, bool) {
	rate := v.rate.Load()
	return float64(max(0, rate)), rate != 0
}

func (v *jobView) FailureSince(time.Time) string {
	if cause := v.failed.Load(); cause != nil {
		return *cause
	}
	return ""
}

func TestAJobThatHasEnded(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		view := &jobView{}
		view.state.Store("")
		s.options.Job = view
		p := s.start()
		s.sleep(5 * time.Second)
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 4})
		for _, state := range []string{"FAILED", "CANCELED", "FINISHED"} {
			view.state.Store(state)
			s.sleep(10 * time.Second)
			require.Equal(t, `job "orders enrichment" is `+state+` (start it again)`, p.Status().Waiting)
		}
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 4, episode.NotSent: 12})
		view.state.Store("RUNNING")
		view.rate.Store(80)
		s.sleep(10 * time.Second)
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 8, episode.NotSent: 12})
		require.InDelta(t, .4/80, s.shows("input_ratio"), 1e-9)
	})
}

func TestAFullDisk(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		p := s.start()
		s.sleep(5 * time.Second)
		s.history.Fail(synthetictest.ErrDiskFull)
		s.sleep(20 * time.Second)
		require.Len(t, s.sent(), 4, "each sent record is in the history before")
		require.Equal(
			t, []string{"the history can't be written: no space left on device (make room, or correct history.path)"},
			p.Status().Problems,
		)
		require.InDelta(t, 8, s.shows("unrecorded_records"), 0)
		s.history.Fail(nil)
		s.sleep(20 * time.Second)
		require.Empty(t, p.Status().Problems)
		account := s.history.Account(t, "search")
		require.EqualValues(t, 8, account.Outcomes[episode.NotSent], "two rounds")
		require.Equal(t, account.Intended-8, account.Outcomes[episode.OnTime]+account.Outcomes[episode.Pending])
		s.balanced()
		require.Contains(t, s.history.All()[5].Error, "history: no space left on device")
	})
}

func TestHistoryUnreadableAtFirst(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.history.Fail(synthetictest.ErrDiskFull)
		p := s.start()
		s.sleep(20 * time.Second)
		require.Nil(t, p.Status().Accounts, "unknown, not zero")
		require.Empty(t, s.sent())
		s.history.Fail(nil)
		s.sleep(20 * time.Second)
		require.Positive(t, s.history.Account(t, "search").Outcomes[episode.OnTime])
	})
}

func TestKilledAndStartedAgain(t *testing.T) {
	for i, after := range []time.Duration{
		time.Millisecond, 25 * time.Millisecond, 110 * time.Millisecond, 126 * time.Millisecond,
		2010 * time.Millisecond, 12 * time.Second,
	} {
		for _, down := range []time.Duration{0, 20 * time.Second, 10 * time.Minute} {
			t.Run(fmt.Sprint(i, down), func(t *testing.T) {
				run(t, func(t *testing.T, s *stack) {
					s.startJob()
					defer s.job.end()
					s.start()
					s.sleep(after)
					before := s.history.Account(t, "alerts")
					s.kill()
					s.sleep(down)
					p := s.start()
					s.sleep(time.Minute)
					p.Pause(true)
					s.sleep(4 * time.Minute)
					s.balanced()
					sent := map[string]bool{}
					for _, r := range s.sent() {
						sent[string(r.Headers[0].Value)] = true
					}
					for _, r := range s.history.All() {
						for _, at := range r.Sinks {
							if !sent[r.Seed] {
								require.Contains(
									t, []episode.RecordOutcome{episode.ProduceFailed, episode.NotSent}, at.Outcome,
									"%+v", r,
								)
								continue
							}
							require.Contains(t, []episode.RecordOutcome{episode.OnTime, episode.Late}, at.Outcome,
								"%+v", r)
						}
						delete(sent, r.Seed)
					}
					require.Empty(t, sent, "sent, but not in history")
					require.GreaterOrEqual(t, s.history.Account(t, "alerts").Intended, before.Intended)
					require.Empty(t, s.elastic.IDs(), "documents of the killed process are removed too")
					require.InDelta(t, 0, s.shows("duplicates_total", "enriched"), 0)
					require.InDelta(t, 0, s.shows("clock_rejected_total", "enriched"), 0)
				})
			})
		}
	}
}

// If a record was handed over and its result is unknown when the sidecar stops, the
// outcome is not produce_failed, because a later process may see the record.
func TestStopWithoutAnAnswerDecidesNoOutcome(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		fault := s.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.NotEnoughReplicas, Count: -1})
		s.start()
		s.sleep(500 * time.Millisecond)
		s.stop()
		s.everywhere(map[episode.RecordOutcome]int64{episode.Pending: 1})
		require.Nil(t, s.history.All()[0].Acknowledged)
		fault.Remove()
		s.options.OnDemand = true
		s.start()
		s.sleep(4 * time.Minute)
		s.everywhere(map[episode.RecordOutcome]int64{episode.ProduceFailed: 1})
	})
}

func TestTheRateHoldsAcrossRounds(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		s.options.Config.MaxRate = .1
		p := s.start()
		first, err := p.Round(s.ctx, 2)
		require.NoError(t, err)
		second, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, 20*time.Second, second.Began.Sub(first.Began))
	})
}

func TestStopIsNotAFailedProduce(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.start()
		s.sleep(5 * time.Millisecond)
		s.stop() // in order: it waits for records that were handed over
		require.NotNil(t, s.history.All()[0].Acknowledged)
		s.start()
		s.sleep(5 * time.Second)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 5},
			outcomes(s.history.Account(t, "enriched")))
	})
}

func TestASourceTopicThatDoesNotExist(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.Config.Topic = "order"
		p := s.start()
		s.sleep(30 * time.Second)
		text := `kafka: topic "order" does not exist (create it, or correct probe.topic)`
		require.Equal(t, text, p.Status().Waiting)
		require.Equal(t, []string{text}, p.Status().Problems)
		require.False(t, s.up()["kafka"])
		require.True(t, s.up()["elasticsearch"])
		require.Positive(t, s.shows("skipped_rounds_total"))
		_, err := p.Round(s.ctx, 1)
		require.EqualError(t, err, text)
		require.Nil(t, s.cluster.TopicInfo("order"), "the probe creates no topics")

		require.NoError(t, s.cluster.CreateTopic("order", 1, nil))
		s.sleep(30 * time.Second)
		require.Empty(t, p.Status().Problems)
		require.Positive(t, s.history.Account(t, "alerts").Outcomes[episode.Pending])
	})
}

func TestASinkThatDoesNotExist(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.sinks[1].Kafka.Topic = "alarms"
		p := s.start()
		s.sleep(5 * time.Second)
		text := `kafka: topic "alarms" does not exist (create it, or correct sinks[name=alerts].kafka.topic)`
		require.Equal(t, []string{text}, p.Status().Problems)
		require.Equal(
			t, map[episode.RecordOutcome]int64{episode.NotSent: 4}, outcomes(s.history.Account(t, "alerts")),
			"calling them lost would be a guess",
		)
		require.Equal(
			t, map[episode.RecordOutcome]int64{episode.OnTime: 4}, outcomes(s.history.Account(t, "enriched")),
			"the rest keeps working",
		)
		require.Equal(t, text, s.history.All()[0].Error)

		require.NoError(t, s.cluster.CreateTopic("alarms", 1, nil))
		s.sleep(30 * time.Second)
		require.Empty(t, p.Status().Problems)
		require.Positive(t, s.history.Account(t, "alerts").Outcomes[episode.Pending])
		s.balanced()
	})
}

func TestAnIndexThatDoesNotExist(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.elastic.Set(func(f *elasticsearchtest.Server) { f.Index = "orders-v2" })
		p := s.start()
		s.sleep(5 * time.Second)
		require.Equal(
			t,
			[]string{
				`elasticsearch: index "orders" does not exist: HTTP 404, index_not_found_exception: no such ` +
					`index [orders] (create it, or correct sinks[name=search].elasticsearch.index)`,
			},
			p.Status().Problems,
		)
		require.False(t, s.up()["elasticsearch"])
		require.True(t, s.up()["kafka"])
		require.Equal(t, map[episode.RecordOutcome]int64{episode.NotSent: 4}, outcomes(s.history.Account(t, "search")))
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 4}, outcomes(s.history.Account(t, "alerts")))
		s.elastic.Set(func(f *elasticsearchtest.Server) { f.Index = "orders" })
		s.sleep(30 * time.Second)
		require.Empty(t, p.Status().Problems)
		require.Positive(t, s.history.Account(t, "search").Outcomes[episode.OnTime])
	})
}

func TestProduceFails(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		p := s.start()
		fault := s.cluster.Fault(kfake.Fault{Keys: []kmsg.Key{kmsg.Produce}, Err: kerr.InvalidRecord, Count: -1})
		m, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		for _, account := range m.Accounts {
			require.Equal(t, map[episode.RecordOutcome]int64{episode.ProduceFailed: 1}, outcomes(account))
		}
		require.Contains(t, s.history.All()[0].Error, "kafka: INVALID_RECORD")
		fault.Remove()
		m, err = p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 1}, outcomes(m.Accounts[0]))
		require.Empty(t, m.Warnings)
	})
}

// The brokers store the record but report a failure, because the job takes longer than
// the timeout of the producer.
func TestSeenAfterAFailedProduce(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.job.set(func(j *fakeJob) { j.enriched, j.alerts, j.indexed = 40*time.Second, -1, 40*time.Second })
		s.options.OnDemand = true
		p := s.start()
		s.cluster.Fault(
			kfake.Fault{
				Keys: []kmsg.Key{kmsg.Produce}, Topic: "orders", Err: kerr.NotEnoughReplicasAfterAppend, Count: -1,
			},
		)
		m, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.ProduceFailed: 1}, outcomes(m.Accounts[0]))
		s.sleep(20 * time.Second)
		require.InDelta(t, 1, s.shows("seen_after_produce_failed_total", "enriched"), 0)
		require.InDelta(t, 0, s.shows("seen_after_produce_failed_total", "alerts"), 0)
		require.InDelta(t, 1, s.shows("seen_after_produce_failed_total", "search"), 0)
		require.InDelta(t, 0, s.shows("duplicates_total", "enriched"), 0)
		s.everywhere(map[episode.RecordOutcome]int64{episode.ProduceFailed: 1})
	})
}

func TestDeniedIdempotence(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.cluster.ControlKey(int16(kmsg.InitProducerID), func(req kmsg.Request) (kmsg.Response, error, bool) {
			s.cluster.KeepControl()
			resp := req.ResponseKind().(*kmsg.InitProducerIDResponse)
			resp.ErrorCode = kerr.ClusterAuthorizationFailed.Code
			return resp, nil, true
		})
		s.options.OnDemand = true
		m, err := s.start().Round(s.ctx, 0)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 4}, outcomes(m.Accounts[0]))
	})
}

func TestTheReadBudget(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		s.options.Config.ReadBudget = 64 * units.KiB
		s.job.set(func(j *fakeJob) { j.enriched = 5 * time.Second })
		p := s.start()
		time.AfterFunc(100*time.Millisecond, func() { s.background("orders-enriched", 2<<20) })
		m, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 1}, outcomes(m.Accounts[0]))
		require.Equal(
			t, []string{"1 records passed enriched while the sink was not read: their latency is not known"},
			m.Warnings,
		)
		require.InDelta(t, 1, s.shows("unmeasured_total", "enriched"), 0)
		require.InDelta(t, 0, s.shows("latency_seconds", "enriched"), 0)
		require.Positive(t, s.shows("read_throttled_seconds_total", "enriched"))
		s.sleep(time.Minute)
		m, err = p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Empty(t, m.Warnings, "the budget is full again")
		require.InDelta(t, 5, m.Hops[2].P50, .02)
	})
}

func TestRoundsEndWithTheirContext(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.options.OnDemand = true
		p := s.start()
		ctx, cancel := context.WithTimeout(s.ctx, 30*time.Second)
		defer cancel()
		m, err := p.Round(ctx, 100) // at one a second: 30 are sent
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.InDelta(t, 30, m.Accounts[0].Outcomes[episode.Pending], 1)
		require.Equal(t, m.Accounts[0].Intended, m.Accounts[0].Outcomes[episode.Pending])
		_, err = p.Round(s.ctx, -1)
		require.EqualError(t, err, "-1 records is not between 1 and 100000 "+
			"(choose a number in between, or 0 for one per partition)")
		s.stop()
		_, err = p.Round(s.ctx, 1)
		require.ErrorIs(t, err, synthetic.ErrStopped)
	})
}

func TestARoundLongerThanItsRecordsAreRemembered(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		s.options.Config.OnTimeWithin = modelDuration(5 * time.Second)
		s.options.Config.Cutoff = modelDuration(15 * time.Second)
		s.job.set(func(j *fakeJob) { j.alerts = -1 })
		p := s.start()
		began := time.Now()
		repair := func(j *fakeJob) { j.alerts = 30 * time.Millisecond }
		time.AfterFunc(4500*time.Millisecond, func() { s.job.set(repair) })
		m, err := p.Round(s.ctx, 60) // at one a second; the first five are lost at alerts
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 60}, outcomes(m.Accounts[0]))
		require.Equal(
			t, map[episode.RecordOutcome]int64{episode.OnTime: 55, episode.Lost: 5}, outcomes(m.Accounts[1]),
		)
		require.Equal(t, 60, m.Hops[0].Count)
		require.WithinDuration(t, began, m.Began, 100*time.Millisecond)
		require.Less(t, p.Remembered(m.ID), 60, "nothing is kept of the round after its measurement")
	})
}

func TestMeasuringAWindow(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.job.set(func(j *fakeJob) { j.alerts = 25 * time.Second })
		p := s.start()
		began := time.Now()
		s.sleep(35 * time.Second)
		// Rounds began at 0, 10, 20 and 30 s; alerts take 25 s.
		m := p.Measure(began, began.Add(20*time.Second))
		require.Equal(t, "orders enrichment", m.Job)
		require.Equal(t, 8, m.Hops[2].Count, "enriched: two rounds")
		require.Equal(t, []string{"enriched", "alerts", "search"},
			[]string{m.Accounts[0].Sink, m.Accounts[1].Sink, m.Accounts[2].Sink})
		require.Zero(t, m.Accounts[0].Intended, "the history counts them")
		m = p.Measure(began.Add(20*time.Second), time.Now())
		require.Equal(t, 4, m.Hops[3].Count)
		require.InDelta(t, 25, m.Hops[3].P99, .02)
		require.Equal(t, "round", p.Status().LastRound.Kind)
		require.Equal(t, began.UTC(), p.Status().LastRound.Began, "the only round that is final everywhere")
	})
}

func TestMetricsExistFromTheStart(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.options.OnDemand = true
		s.start()
		s.sleep(time.Second)
		want := `
# HELP flink_sidecar_probe_duplicates_total Further sightings of synthetic records that were already seen at a sink.
# TYPE flink_sidecar_probe_duplicates_total counter
flink_sidecar_probe_duplicates_total{sink="alerts"} 0
flink_sidecar_probe_duplicates_total{sink="enriched"} 0
flink_sidecar_probe_duplicates_total{sink="search"} 0
# HELP flink_sidecar_probe_pending_records Synthetic records that are not seen at a sink yet and have not reached their cut-off.
# TYPE flink_sidecar_probe_pending_records gauge
flink_sidecar_probe_pending_records{sink="alerts"} 0
flink_sidecar_probe_pending_records{sink="enriched"} 0
flink_sidecar_probe_pending_records{sink="search"} 0
# HELP flink_sidecar_probe_poll_interval_seconds Time between two searches of Elasticsearch while a record is under way. Half of it is the error of the hop visible.
# TYPE flink_sidecar_probe_poll_interval_seconds gauge
flink_sidecar_probe_poll_interval_seconds 0.25
# HELP flink_sidecar_probe_visibility_floor_seconds Refresh interval of a sink's index. Documents may become visible only after this time.
# TYPE flink_sidecar_probe_visibility_floor_seconds gauge
flink_sidecar_probe_visibility_floor_seconds{sink="search"} 1
`
		require.NoError(t, testutil.GatherAndCompare(s.metrics, strings.NewReader(want),
			"flink_sidecar_probe_duplicates_total", "flink_sidecar_probe_pending_records",
			"flink_sidecar_probe_poll_interval_seconds", "flink_sidecar_probe_visibility_floor_seconds"))
		for _, sink := range []string{"enriched", "alerts", "search"} {
			for _, outcome := range []string{"not_sent", "produce_failed", "on_time", "late", "lost"} {
				require.InDelta(t, 0, s.shows("records_total", outcome, sink), 0)
			}
		}
		for _, hop := range []string{"acknowledged", "ingested", "enriched", "alerts", "indexed", "visible"} {
			require.InDelta(t, 0, s.shows("latency_seconds", hop), 0)
			require.InDelta(t, 0, s.shows("clock_rejected_total", hop), 0)
		}
		problems, err := testutil.GatherAndLint(s.metrics)
		require.NoError(t, err)
		require.Empty(t, problems)
		require.Equal(t, map[string]bool{"kafka": true, "elasticsearch": true}, s.up())
	})
}

func TestCountersGoOnAfterARestart(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.start()
		s.sleep(5 * time.Second)
		require.InDelta(t, 4, s.shows("records_total", "on_time", "alerts"), 0)
		s.kill()
		s.start()
		s.sleep(5 * time.Second)
		require.InDelta(t, 8, s.shows("records_total", "on_time", "alerts"), 0)
	})
}
