package synthetic_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/sinks"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// The moment of a sighting is the middle between the last search without the document
// and the first with it. For all delays, the error is at most half of the poll
// interval.
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
			s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 1})
			for _, hop := range []string{"enriched", "alerts", "visible"} {
				require.InDelta(t, 1, s.shows("unmeasured_total", hop), 0, hop)
				require.InDelta(t, 0, s.shows("latency_seconds", hop), 0, hop)
			}
			require.InDelta(t, 1, s.shows("latency_seconds", "indexed"), .01, "the stamps are correct again")
			require.Empty(t, s.elastic.IDs())
		})
	}
}

func TestCleanupKeep(t *testing.T) {
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
				elasticsearchtest.Error(
					w, http.StatusForbidden, "security_exception", "action [indices:data/write/bulk] is unauthorized",
				)
				return true
			}
		})
		p := s.start()
		m, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: 1}, outcomes(m.Accounts[2]))
		require.Len(t, m.Warnings, 1)
		require.Contains(t, m.Warnings[0], "and delete for cleanup: delete")
		require.True(t, s.up()["elasticsearch"], "the measurement works")
		require.InDelta(t, 1, s.shows("uncleaned_documents", "search"), 0)
		s.sleep(time.Minute)
		s.elastic.Set(func(f *elasticsearchtest.Server) { f.Answer = nil })
		require.LessOrEqual(t, denied, 7, "requests have pauses")
		s.sleep(2 * time.Minute)
		require.Empty(t, s.elastic.IDs())
		require.InDelta(t, 0, s.shows("uncleaned_documents", "search"), 0)
		require.InDelta(t, 1, s.shows("cleaned_documents_total", "search"), 0)
		require.Empty(t, p.Status().Problems)
	})
}

// A document is the only proof of its record's arrival until the history has the
// outcome.
func TestDocumentsAreRemovedAfterHistoryHasTheOutcome(t *testing.T) {
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
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 1})
	})
}

// The job writes the document again, as in a replay after a failure. It is removed
// again and is not a duplicate.
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

// An empty index gets its mapping from the first document.
func TestAnEmptyIndex(t *testing.T) {
	for _, tc := range []struct {
		name    string
		keyword bool // dynamic mapping puts a keyword field below the text
		problem string
	}{
		{"with dynamic mapping", true, ""},
		{
			"with a template that makes texts of strings", false,
			`elasticsearch: field "seed" of index "orders" is mapped as text, where a seed can't be found as a ` +
				`whole (map it as keyword for 38 characters, or set sinks[name=search].elasticsearch.seed_field to ` +
				`its keyword field)`,
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			run(t, func(t *testing.T, s *stack) {
				s.startJob()
				defer s.job.end()
				s.elastic.Set(func(f *elasticsearchtest.Server) { f.Indices["orders"].Type = "" })
				p := s.start()
				time.AfterFunc(20*time.Millisecond, func() {
					if !tc.keyword { // before the first document comes
						s.elastic.Set(func(f *elasticsearchtest.Server) { f.Indices["orders"].Type = "text" })
					}
				})
				s.sleep(10 * time.Minute)
				p.Pause(true)
				s.sleep(5 * time.Second)
				account := s.history.Account(t, "search")
				if tc.problem == "" {
					require.Empty(t, p.Status().Problems)
					require.Equal(t, map[episode.RecordOutcome]int64{episode.OnTime: account.Intended}, outcomes(account))
					return
				}
				require.Equal(t, []string{tc.problem}, p.Status().Problems)
				require.False(t, s.up()["elasticsearch"])
				require.LessOrEqual(t, account.Outcomes[episode.Lost], int64(12), "those sent within %s", 20*time.Second)
				require.Equal(t, account.Intended, account.Outcomes[episode.Lost]+account.Outcomes[episode.NotSent])
			})
		})
	}
}

// The next index of an alias has a different mapping.
func TestARolloverToText(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.elastic.Set(func(f *elasticsearchtest.Server) {
			f.Indices = map[string]*elasticsearchtest.Mapping{"orders-1": {Type: "keyword"}}
		})
		p := s.start()
		s.sleep(time.Minute)
		require.Empty(t, p.Status().Problems)
		s.elastic.Set(func(f *elasticsearchtest.Server) {
			f.Indices["orders-2"] = &elasticsearchtest.Mapping{Type: "text"}
		})
		s.sleep(time.Minute)
		require.Equal(t, []string{
			`elasticsearch: field "seed" is mapped as text in orders-2: records are not found there, only in ` +
				`the other indices behind "orders" (map it as keyword there too)`,
		}, p.Status().Problems)
	})
}

// A document with several records is removed after all of them are stored. It is never
// removed if it also holds records of others.
func TestDocumentsWithSeveralRecords(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.options.OnDemand = true
		s.options.Config.MaxRate = 1000
		s.sinks = s.sinks[2:]
		s.start()
		defer s.stop()
		go func() { _, _ = s.prober.Round(s.ctx, 2) }() // it returns with the bubble, if not before
		s.sleep(time.Second)
		var seeds []string
		for _, r := range s.history.All() {
			seeds = append(seeds, r.Seed)
		}
		require.Len(t, seeds, 2)
		s.elastic.Put("ours", map[string]any{"seed": seeds})
		s.elastic.Put("theirs", map[string]any{"seed": append([]string{"4711"}, seeds...)})
		s.sleep(10 * time.Second)
		s.everywhere(map[episode.RecordOutcome]int64{episode.OnTime: 2})
		require.Equal(t, []string{"theirs"}, s.elastic.IDs())
	})
}

func TestAReadOnlyIndex(t *testing.T) {
	for _, reason := range []string{
		"FORBIDDEN/8/index write (api)", "TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark",
	} {
		run(t, func(t *testing.T, s *stack) {
			s.startJob()
			defer s.job.end()
			s.options.OnDemand = true
			s.elastic.Set(func(f *elasticsearchtest.Server) { f.Blocked["orders"] = reason })
			p := s.start()
			_, err := p.Round(s.ctx, 1)
			require.NoError(t, err)
			require.Equal(t, []string{
				`elasticsearch: documents can't be deleted from "orders", which is read-only: index [orders] blocked by: [` +
					reason + `]; (remove the block, or set sinks[name=search].elasticsearch.cleanup to keep)`,
			}, p.Status().Problems)
			require.True(t, s.up()["elasticsearch"])
			s.sleep(4 * time.Minute)
			require.Equal(t, 1, s.elastic.Bulks(), "no repeated requests")
			s.elastic.Set(func(f *elasticsearchtest.Server) { clear(f.Blocked) })
			s.sleep(2 * time.Minute)
			require.Empty(t, s.elastic.IDs())
			require.Empty(t, p.Status().Problems)
		})
	}
}

func TestUnreadableTimeStamps(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		s.sinks[2].Elasticsearch.IngestedField = "read_at"
		p := s.start()
		m, err := p.Round(s.ctx, 1)
		require.NoError(t, err)
		require.Equal(t, []string{
			`elasticsearch: documents of index "orders" have no field "read_at", so the hop ingested is not ` +
				`measured (correct sinks[name=search].elasticsearch.ingested_field)`,
		}, m.Warnings)
		require.True(t, s.up()["elasticsearch"])
	})
}

// While a server is down nobody can see its records, so they are not said to be missing
// there only.
func TestLossesWhileTheServerIsDown(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		p := s.start()
		s.sleep(time.Minute)
		s.elastic.Set(func(f *elasticsearchtest.Server) {
			f.Answer = func(w http.ResponseWriter, _ *http.Request) bool {
				w.WriteHeader(http.StatusServiceUnavailable)
				return true
			}
		})
		s.sleep(10 * time.Minute)
		require.False(t, s.up()["elasticsearch"])
		require.Len(t, p.Status().Problems, 1)
		require.NotContains(t, p.Status().Problems[0], "all records are lost")
	})
}

// Records that are lost at one sink only are a separate problem and a reason to check
// that sink again.
func TestLossesAtOneSinkOnly(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		began := time.Now()
		s.job.set(func(j *fakeJob) { j.alerts = -1 })
		p := s.start()
		s.sleep(3 * time.Minute)
		require.Empty(t, p.Status().Problems)
		s.sleep(10 * time.Second)
		want := []string{
			`kafka: since ` + began.Add(3*time.Minute).UTC().Format(time.RFC3339) +
				` all records are lost at sink "alerts", but other sinks show them (check that the job writes ` +
				`them there, and that sinks[name=alerts] names the right place)`,
		}
		require.Equal(t, want, p.Status().Problems)
		s.sleep(10 * time.Minute)
		require.Equal(t, want, p.Status().Problems, "in the same words")
		require.True(t, s.up()["kafka"], "the brokers accept the request")
		s.job.set(func(j *fakeJob) { j.alerts = time.Second })
		s.sleep(15 * time.Second)
		require.Empty(t, p.Status().Problems)
	})
}

// A second index has hops of its own. The job reads each record once.
func TestTwoIndices(t *testing.T) {
	run(t, func(t *testing.T, s *stack) {
		s.startJob()
		defer s.job.end()
		s.options.OnDemand = true
		archive := *s.sinks[2].Elasticsearch
		archive.Cleanup = "keep"
		s.sinks[2].Elasticsearch.Cleanup = "keep"
		s.sinks = append(s.sinks, sinks.Config{Name: "archive", Elasticsearch: &archive})
		p := s.start()
		m, err := p.Round(s.ctx, 8)
		require.NoError(t, err)
		require.Empty(t, m.Warnings)
		var names []string
		for _, hop := range m.Hops {
			names = append(names, hop.Name)
			require.Equal(t, 8, hop.Count, hop.Name)
		}
		require.Equal(t, []string{
			"acknowledged", "ingested", "enriched", "alerts", "indexed", "indexed_archive", "visible", "visible_archive",
		}, names)
		require.InDelta(t, m.Hops[4].P50, m.Hops[5].P50, .001)
		require.InDelta(t, m.Hops[6].P50, m.Hops[7].P50, .25)
		for _, sink := range []string{"search", "archive"} {
			require.EqualValues(t, 8, s.history.Account(t, sink).Outcomes[episode.OnTime], sink)
		}
	})
}
