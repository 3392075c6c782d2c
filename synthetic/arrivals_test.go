package synthetic_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic"
	"github.com/flink-sidecar/flink-sidecar/synthetic/account"
)

const askJob = "no record was seen at any sink: does the job accept this payload and pass the seed on?"

// dropsAll makes the job write no record.
func (j *fakeJob) dropsAll() {
	j.set(func(j *fakeJob) { j.enriched, j.alerts, j.indexed = -1, -1, -1 })
}

// evidenceFor returns the evidence of the cause whose text has a part.
func evidenceFor(t *testing.T, found *synthetic.NothingArrived, part string) []string {
	t.Helper()
	for _, c := range found.Causes {
		if strings.Contains(c.Text, part) {
			return c.Evidence
		}
	}
	require.Fail(t, "no such cause", part)
	return nil
}

// lockedLog is a log that the prober writes while the test reads it.
type lockedLog struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lockedLog) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func TestNothingArrivesInTheFirstHalfMinute(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		var log lockedLog
		s.options.Log = slog.New(slog.NewTextHandler(&log, nil))
		s.startJob()
		defer s.job.end()
		s.job.dropsAll()
		p := s.start()
		s.sleep(28 * time.Second)
		require.Nil(t, p.Status().NothingArrived, "too early")
		require.NotContains(t, log.String(), askJob)
		s.sleep(4 * time.Second)
		found := p.Status().NothingArrived
		require.NotNil(t, found)
		require.True(t, found.First)
		require.Len(t, found.Causes, 3)
		require.GreaterOrEqual(t, found.Records, 8)
		require.Contains(t, found.Text(), askJob)
		require.Equal(t, 1, strings.Count(log.String(), askJob), "once, although it lasts")
		s.sleep(10 * time.Minute)
		require.Equal(t, found.Since, p.Status().NothingArrived.Since)
		require.Equal(t, 1, strings.Count(log.String(), askJob))

		s.job.set(func(j *fakeJob) { j.enriched = time.Millisecond })
		s.sleep(15 * time.Second)
		require.Nil(t, p.Status().NothingArrived, "one sink is enough")
		require.Contains(t, log.String(), "Records arrive at a sink")
		require.Equal(t, 1, strings.Count(log.String(), askJob))
	})
}

func TestEvidenceForWhyNothingArrives(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.job.dropsAll()
		view := &jobView{}
		view.state.Store("RUNNING")
		view.rate.Store(80)
		s.options.Job = view
		p := s.start()
		s.sleep(10 * time.Second)
		s.background("orders-enriched", 3000)
		s.sleep(22 * time.Second)
		found := p.Status().NothingArrived
		require.Empty(t, evidenceFor(t, found, "fails to parse"))
		require.Equal(t, []string{"sink enriched got 3 other records meanwhile, none with a seed"},
			evidenceFor(t, found, "pass the seed"))
		require.Equal(t, []string{"sink alerts got no other record meanwhile"}, evidenceFor(t, found, "read this topic"),
			"nothing is known of the index")
		require.Contains(t, found.Causes[0].Text, "pass the seed", "supported causes come first")

		cause := "JsonParseException: Unrecognized token"
		view.failed.Store(&cause)
		view.rate.Store(idle)
		found = p.Status().NothingArrived
		require.Equal(t, []string{"the job failed meanwhile: " + cause}, evidenceFor(t, found, "fails to parse"))
		require.Contains(t, evidenceFor(t, found, "read this topic"), "the job's sources read 0 records per second")
		require.Contains(t, found.Causes[0].Text, "fails to parse")
	})
}

// A job that worked is given the time in which its records are on time.
func TestNothingArrivesAnyMore(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		p := s.start()
		s.sleep(25 * time.Second)
		require.Nil(t, p.Status().NothingArrived)
		s.job.dropsAll()
		s.sleep(50 * time.Second) // the first record that does not arrive was sent at 30 s
		require.Nil(t, p.Status().NothingArrived)
		s.sleep(20 * time.Second)
		found := p.Status().NothingArrived
		require.NotNil(t, found)
		require.False(t, found.First)

		s.kill()
		p = s.start()
		s.sleep(2 * time.Second)
		require.NotNil(t, p.Status().NothingArrived, "the next process goes on")
		require.WithinDuration(t, found.Since, p.Status().NothingArrived.Since, time.Second)
		p.Pause(true)
		require.Nil(t, p.Status().NothingArrived, "a paused probe expects nothing")
	})
}

func TestSinksThatCannotBeSearchedSayNothing(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.job.dropsAll()
		s.sinks = s.sinks[2:]
		p := s.start()
		s.sleep(5 * time.Second)
		s.network.Cut(elasticAddress)
		s.sleep(40 * time.Second)
		require.Nil(t, p.Status().NothingArrived)
		require.NotEmpty(t, p.Status().Problems)
	})
}

func TestABrokenSinkIsNoEvidence(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.job.dropsAll()
		p := s.start()
		s.sleep(10 * time.Second)
		s.network.Cut(brokerAddress)
		s.sleep(40 * time.Second)
		found := p.Status().NothingArrived
		require.NotNil(t, found, "the index can be searched")
		require.Empty(t, evidenceFor(t, found, "read this topic"), "nobody knows what the topics got")
	})
}

func TestARoundSaysThatNothingArrived(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.job.dropsAll()
		s.options.OnDemand = true
		p := s.start()
		require.Nil(t, p.Status().Round)
		done := make(chan []string)
		go func() {
			m, err := p.Round(s.ctx, 2)
			if err != nil {
				t.Error(err)
			}
			done <- m.Warnings
		}()
		s.sleep(40 * time.Second)
		require.NotNil(t, p.Status().NothingArrived)
		require.Equal(t, &account.Progress{
			Records: 2, Sent: 2, Seen: []account.SeenAtSink{{Sink: "enriched"}, {Sink: "alerts"}, {Sink: "search"}},
		}, p.Status().Round)
		warnings := <-done
		require.Contains(t, strings.Join(warnings, "\n"), askJob)
		require.Nil(t, p.Status().Round)

		s.job.set(func(j *fakeJob) { j.enriched = 5 * time.Second })
		go func() {
			m, _ := p.Round(s.ctx, 1)
			done <- m.Warnings
		}()
		s.sleep(10 * time.Second)
		require.Equal(t, []account.SeenAtSink{{Sink: "enriched", Records: 1}, {Sink: "alerts"}, {Sink: "search"}},
			p.Status().Round.Seen)
		require.NotContains(t, strings.Join(<-done, "\n"), askJob, "it arrived at one sink")
	})
}
