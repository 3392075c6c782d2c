package synthetic_test

import (
	"maps"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
	"github.com/flink-sidecar/flink-sidecar/synthetic"
)

// polledJob tells what the job has read as a collector does: every 15 s, by a store of Flink's.
type polledJob struct {
	mu    sync.Mutex // protects what follows
	last  map[int32]int64
	shown *snapshot.ReadOffsets
}

func (j *polledJob) ReadOffsets() *snapshot.ReadOffsets {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.shown
}

// poll shows what has been read so far; 0 as age means that it is not known.
func (j *polledJob) poll(age time.Duration) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.shown = &snapshot.ReadOffsets{Last: maps.Clone(j.last), At: time.Now(), Age: age}
}

func (j *polledJob) fail() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.shown = nil
}

// followedBy lets a job tell what it reads.
func (j *fakeJob) followedBy(p *polledJob) {
	j.set(func(j *fakeJob) {
		j.onRead = func(partition int32, offset int64) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.last[partition] = offset
		}
	})
}

// TestIngestedWithoutAStamp has sinks that show records after a minute.
func TestIngestedWithoutAStamp(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		job := &polledJob{last: map[int32]int64{}}
		s.job.followedBy(job)
		s.job.set(func(j *fakeJob) { j.enriched, j.alerts, j.indexed = 50*time.Second, 50*time.Second, 50*time.Second })
		s.sinks[2].Elasticsearch.IngestedField = ""
		s.options.OnDemand, s.options.Reading = true, job
		p := s.start()
		job.poll(10 * time.Second)
		s.sleep(time.Second)
		round := make(chan episode.Measurement, 1)
		go func() {
			m, err := p.Round(s.ctx, 1)
			if err != nil {
				t.Error(err)
			}
			round <- m
		}()
		s.sleep(14 * time.Second)
		job.poll(10 * time.Second) // the probe sees it within half a second
		s.sleep(time.Second)
		require.InDelta(t, 14, s.shows("ingested_upper_bound_seconds"), .6)
		require.InDelta(t, 25, s.shows("ingested_resolution_seconds"), .6)
		job.fail()
		s.sleep(time.Second)
		require.False(t, s.hasSeries("ingested_resolution_seconds"), "unknown is not zero")
		m := <-round
		require.NotContains(t, hopNames(m.Hops), "ingested")
		require.NotNil(t, m.IngestedUpperBound)
		require.Equal(t, 1, m.IngestedUpperBound.Count)
		require.InDelta(t, 14, m.IngestedUpperBound.Max, .6)
		require.InDelta(t, 14, m.IngestedUpperBound.Resolution, .6)
	})
}

// A stamp is exact. A bound beside it is shown only if it is asked for, and never mixed with it.
func TestIngestedByStampAndByOffsets(t *testing.T) {
	for mode, bounded := range map[string]bool{
		synthetic.IngestedAuto: false, synthetic.IngestedStamp: false, synthetic.IngestedOffsets: true,
	} {
		t.Run(mode, func(t *testing.T) {
			run(t, func(t *testing.T, s *stack) {
				s.startJob()
				defer s.job.end()
				job := &polledJob{last: map[int32]int64{}}
				job.poll(10 * time.Second)
				s.options.OnDemand, s.options.Reading, s.options.Config.Ingested = true, job, mode
				p := s.start()
				s.sleep(time.Second)
				m, err := p.Round(s.ctx, 1)
				require.NoError(t, err)
				require.Contains(t, hopNames(m.Hops), "ingested")
				require.InDelta(t, 0, s.shows("latency_seconds", "ingested"), .01)
				require.Equal(t, bounded, s.hasSeries("ingested_upper_bound_seconds"))
				require.Equal(t, bounded, m.IngestedUpperBound != nil)
				if bounded {
					require.InDelta(t, .02, m.IngestedUpperBound.Max, .005, "by the first sink that shows it")
				}
			})
		})
	}
}
