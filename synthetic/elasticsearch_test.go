package synthetic_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// The moment of sight lies in the middle of the last search without the
// document and the first with it: over all delays, the error stays within half
// of the poll interval.
func TestVisibilityIsExactToHalfThePollInterval(t *testing.T) {
	for _, every := range []time.Duration{100 * time.Millisecond, 250 * time.Millisecond, time.Second} {
		run(t, func(t *testing.T, s *stack) {
			s.startJob()
			defer s.job.end()
			s.options.OnDemand = true
			s.options.Config.PollInterval = modelDuration(every)
			p := s.start()
			for _, delay := range []time.Duration{0, 50, 249, 251, 700, 1999, 30_000} {
				delay *= time.Millisecond
				s.job.set(func(j *fakeJob) { j.indexed = delay })
				m, err := p.Round(s.ctx, 1)
				require.NoError(t, err)
				visible := m.Hops[len(m.Hops)-1]
				require.InDelta(t, delay.Seconds(), visible.P50, every.Seconds()/2+1e-9, "poll interval %s", every)
			}
		})
	}
}

func TestARefreshIntervalIsAFloor(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		s.elastic.Set(func(f *elasticsearchtest.Server) { f.Refresh, f.RefreshInterval = 5*time.Second, "5s" })
		p := s.start()
		m, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.InDelta(t, .1, m.Hops[4].P50, .001, "indexed at once")
		require.InDelta(t, 5, m.Hops[5].P50, .126, "visible with the refresh")
		require.InDelta(t, 5, s.shows("visibility_floor_seconds", "search"), 0)
	})
}

func TestDocumentsOfAKilledProcessAreBounds(t *testing.T) {
	for _, down := range []time.Duration{2 * time.Second, 10 * time.Second} {
		run(t, func(t *testing.T, s *stack) {
			s.startJob()
			defer s.job.end()
			s.job.set(func(j *fakeJob) { j.enriched, j.alerts, j.indexed = time.Second, time.Second, time.Second })
			s.start()
			s.sleep(500 * time.Millisecond)
			s.kill()
			s.sleep(down)
			s.options.OnDemand = true
			s.start()
			s.sleep(5 * time.Second)
			s.everywhere(map[episode.Fate]int64{episode.OnTime: 1})
			for _, hop := range []string{"enriched", "alerts", "visible"} {
				require.InDelta(t, 1, s.shows("unmeasured_total", hop), 0, hop)
				require.InDelta(t, 0, s.shows("latency_seconds", hop), 0, hop)
			}
			require.InDelta(t, 1, s.shows("latency_seconds", "indexed"), .01, "the stamps are as good as ever")
			require.Empty(t, s.elastic.IDs())
		})
	}
}

func TestCleanupThatIsNotWanted(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		s.sinks[2].Elasticsearch.Cleanup = "keep"
		_, err := s.start().Round(s.ctx, 0)
		require.NoError(t, err)
		s.sleep(10 * time.Minute)
		require.Len(t, s.elastic.IDs(), 4)
		require.InDelta(t, 0, s.shows("cleaned_documents_total", "search"), 0)
	})
}

func TestCleanupWithoutTheRight(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		denied := 0
		s.elastic.Set(func(f *elasticsearchtest.Server) {
			f.Answer = func(w http.ResponseWriter, r *http.Request) bool {
				if r.URL.Path != "/_bulk" {
					return false
				}
				denied++
				elasticsearchtest.Error(w, http.StatusForbidden, "security_exception", "action [indices:data/write/bulk] is unauthorized")
				return true
			}
		})
		p := s.start()
		m, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, map[episode.Fate]int64{episode.OnTime: 1}, fates(m.Accounts[2]))
		require.Len(t, m.Warnings, 1)
		require.Contains(t, m.Warnings[0], "and delete for cleanup: delete")
		require.True(t, s.up()["elasticsearch"], "it does what measuring needs")
		require.InDelta(t, 1, s.shows("uncleaned_documents", "search"), 0)
		s.sleep(time.Minute)
		s.elastic.Set(func(f *elasticsearchtest.Server) { f.Answer = nil })
		require.LessOrEqual(t, denied, 7, "it is not asked without pause")
		s.sleep(15 * time.Second)
		require.Empty(t, s.elastic.IDs())
		require.InDelta(t, 0, s.shows("uncleaned_documents", "search"), 0)
		require.InDelta(t, 1, s.shows("cleaned_documents_total", "search"), 0)
		require.Empty(t, p.Status().Problems)
	})
}

// A document is the only proof of its record's arrival until history has it.
func TestNothingIsRemovedBeforeHistoryHasIt(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		p := s.start()
		s.job.set(func(j *fakeJob) { j.indexed = 5 * time.Second })
		s.pendingSeed(p)
		s.history.Fail(synthetictest.ErrDiskFull)
		s.sleep(30 * time.Second)
		require.Len(t, s.elastic.IDs(), 1)
		s.history.Fail(nil)
		s.sleep(30 * time.Second)
		require.Empty(t, s.elastic.IDs())
		s.everywhere(map[episode.Fate]int64{episode.OnTime: 1})
	})
}

// The job writes the document again, as it does when it replays after a
// failure: it is removed again, and no duplicate.
func TestAReplayedDocumentIsRemovedAgain(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		m, err := s.start().Round(s.ctx, 1)
		require.NoError(t, err)
		require.Empty(t, s.elastic.IDs())
		seed := "fsp-" + m.ID + "-0"
		s.elastic.Put(seed, map[string]any{"seed": seed})
		s.sleep(10 * time.Second)
		require.Empty(t, s.elastic.IDs())
		require.InDelta(t, 0, s.shows("duplicates_total", "search"), 0)
	})
}
