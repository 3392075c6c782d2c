package elasticsearch_test

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/oklog/ulid/v2"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch"
	"github.com/flink-sidecar/flink-sidecar/synthetic/elasticsearch/elasticsearchtest"
	"github.com/flink-sidecar/flink-sidecar/synthetic/payload"
	"github.com/flink-sidecar/flink-sidecar/synthetic/synthetictest"
)

// tallyBench is a tally of an index with documents.
type tallyBench struct {
	*elasticsearch.Tally
	server *elasticsearchtest.Server
	round  ulid.ULID
	prefix string
}

// newTallyBench has n documents of one round, which took i milliseconds from stamp to stamp.
func newTallyBench(t *testing.T, n int) tallyBench {
	t.Helper()
	network := synthetictest.NewNetwork()
	b := tallyBench{server: elasticsearchtest.NewServer("orders"), round: ulid.Make()}
	b.prefix = strings.TrimSuffix(payload.NewSeed(b.round, 0), "0")
	serve(t, network, b.server)
	cfg := elasticsearch.DefaultConfig()
	cfg.URLs = []string{"http://" + address}
	var err error
	b.Tally, err = elasticsearch.NewTally(&cfg, "search", elasticsearch.SinkConfig{
		Index: "orders", SeedField: "seed", IngestedField: "ingested", IndexedField: "indexed", Cleanup: "delete",
	}, network.Dial)
	require.NoError(t, err)
	at := time.UnixMilli(1_700_000_000_000)
	for i := range n {
		b.server.Put(strconv.Itoa(i), map[string]any{
			"seed": payload.NewSeed(b.round, i), "ingested": at.UnixMilli(), "indexed": at.UnixMilli() + int64(i),
		})
	}
	return b
}

// refuse answers searches whose body has a text as a server without that feature does.
func (b tallyBench) refuse(text, reason string) {
	b.server.Set(func(s *elasticsearchtest.Server) {
		s.Answer = func(w http.ResponseWriter, r *http.Request) bool {
			body, _ := io.ReadAll(r.Body)
			r.Body = io.NopCloser(bytes.NewReader(body))
			if !bytes.Contains(body, []byte(text)) {
				return false
			}
			elasticsearchtest.Error(w, http.StatusBadRequest, "illegal_argument_exception", reason)
			return true
		}
	})
}

func TestTallyPagesAndRemoves(t *testing.T) {
	const n = 6001 // more than one page, and more than three removals
	b := newTallyBench(t, n)
	b.server.Put("again", map[string]any{"seed": payload.NewSeed(b.round, 7)})
	b.server.Put("other", map[string]any{"seed": payload.NewSeed(ulid.Make(), 7)})
	count, err := b.Count(t.Context(), b.prefix)
	require.NoError(t, err)
	require.EqualValues(t, n+1, count)
	seen, twice := map[string]bool{}, 0
	require.NoError(t, b.Each(t.Context(), b.prefix, func(f elasticsearch.Found) {
		seen[f.Seed] = true
		if f.Documents == 2 {
			twice++
		}
		require.False(t, f.Indexed.IsZero())
	}))
	require.Len(t, seen, n)
	require.Equal(t, 1, twice)
	latency, ok, err := b.Latency(t.Context(), b.prefix)
	require.NoError(t, err)
	require.True(t, ok)
	require.InDelta(t, 3.0, latency.P50, 0.01)
	require.InDelta(t, 6.0, latency.Max, 1e-9)
	for len(b.server.IDs()) > 1 { // a document beside another of its seed at the end of a page needs a second call
		_, err := b.Remove(t.Context(), b.prefix)
		require.NoError(t, err)
	}
	require.Equal(t, []string{"other"}, b.server.IDs())
}

// A server whose memory is short answers HTTP 429 to a large page. The results of a test
// that is over must not be lost by that.
func TestTallyAsksABusyServerAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 3000
		b := newTallyBench(t, n)
		refused := 0
		b.server.Set(func(s *elasticsearchtest.Server) {
			s.Answer = func(w http.ResponseWriter, r *http.Request) bool {
				body, _ := io.ReadAll(r.Body)
				r.Body = io.NopCloser(bytes.NewReader(body))
				if !bytes.Contains(body, []byte(`"composite"`)) || bytes.Contains(body, []byte(`"size":1250`)) {
					return false
				}
				refused++
				elasticsearchtest.Error(w, http.StatusTooManyRequests, "circuit_breaking_exception", "Data too large")
				return true
			}
		})
		seen := map[string]bool{}
		require.NoError(t, b.Each(t.Context(), b.prefix, func(f elasticsearch.Found) { seen[f.Seed] = true }))
		require.Len(t, seen, n)
		require.Equal(t, 2, refused, "the pages are halved twice")
		require.NoError(t, b.Close(t.Context()))
	})
}

// TestRemovalAsksABusyServerAgain: after a load test a server refuses some documents of a request.
func TestRemovalAsksABusyServerAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 30
		b := newTallyBench(t, n)
		busy := func(deletions int) {
			b.server.Set(func(s *elasticsearchtest.Server) { s.BusyDeletions = deletions })
		}
		busy(100)
		removed, err := b.Remove(t.Context(), b.prefix)
		require.NoError(t, err)
		require.EqualValues(t, n, removed)

		b.server.Put("late", map[string]any{"seed": payload.NewSeed(b.round, 7)})
		busy(100)
		removed, err = b.Remove(t.Context(), b.prefix)
		require.ErrorContains(t, err, "1 of the documents could not be deleted")
		require.ErrorContains(t, err, b.prefix)
		require.Zero(t, removed)
		require.Equal(t, []string{"late"}, b.server.IDs())
		require.NoError(t, b.Close(t.Context()))
	})
}

func TestTallyGivesUpOnAServerThatStaysBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newTallyBench(t, 3)
		b.server.Set(func(s *elasticsearchtest.Server) {
			s.Answer = func(w http.ResponseWriter, _ *http.Request) bool {
				elasticsearchtest.Error(w, http.StatusTooManyRequests, "circuit_breaking_exception", "Data too large")
				return true
			}
		})
		began := time.Now()
		err := b.Each(t.Context(), b.prefix, func(elasticsearch.Found) { t.Error("nothing was answered") })
		require.ErrorContains(t, err, "HTTP 429")
		require.Greater(t, time.Since(began), 30*time.Second)
		require.NoError(t, b.Close(t.Context()))
	})
}

func TestStampsThatCannotBeAggregated(t *testing.T) {
	b := newTallyBench(t, 3)
	b.refuse(`"min"`, "Text fields are not optimised for operations that require per-document field data")
	n := 0
	require.NoError(t, b.Each(t.Context(), b.prefix, func(f elasticsearch.Found) {
		n++
		require.True(t, f.Indexed.IsZero())
	}))
	require.Equal(t, 3, n)
	stamped, why := b.Stamped()
	require.False(t, stamped)
	require.ErrorContains(t, why, "Text fields are not optimised")
	_, ok, err := b.Latency(t.Context(), b.prefix)
	require.NoError(t, err)
	require.False(t, ok)
}

func TestServerWithoutScripts(t *testing.T) {
	b := newTallyBench(t, 3)
	b.refuse("script", "script_lang not supported [painless]")
	_, _, err := b.Latency(t.Context(), b.prefix)
	require.ErrorContains(t, err, "script_lang not supported")
	require.NoError(t, b.Each(t.Context(), b.prefix, func(f elasticsearch.Found) { require.False(t, f.Indexed.IsZero()) }))
}

func TestIndexOfAScaleTest(t *testing.T) {
	b := newTallyBench(t, 0)
	for setting, want := range map[string]time.Duration{"": time.Second, "200ms": 200 * time.Millisecond} {
		b.server.Set(func(s *elasticsearchtest.Server) { s.RefreshInterval = setting })
		index, err := b.Check(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, index.Refresh, "%q", setting)
	}
	b.server.Set(func(s *elasticsearchtest.Server) { s.RefreshInterval = "-1" })
	_, err := b.Check(t.Context())
	require.ErrorContains(t, err, "never become visible by themselves")
}
