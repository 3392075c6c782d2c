package server

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
)

// newRegistry has the server's own metrics.
func newRegistry(s *Server) *prometheus.Registry {
	reg := prometheus.NewRegistry()
	reg.MustRegister(s)
	return reg
}

// countingCollector has many series and counts how often it is asked.
type countingCollector struct {
	series int
	label  string // makes the page larger
	fails  bool

	mu    sync.Mutex
	asked int
}

var manyDesc = prometheus.NewDesc("many", "Many.", []string{"n"}, nil)

func (c *countingCollector) Describe(ch chan<- *prometheus.Desc) { ch <- manyDesc }

func (c *countingCollector) Collect(ch chan<- prometheus.Metric) {
	c.mu.Lock()
	c.asked++
	c.mu.Unlock()
	if c.fails {
		ch <- prometheus.NewInvalidMetric(manyDesc, errors.New("broken"))
	}
	for i := range c.series {
		ch <- prometheus.MustNewConstMetric(manyDesc, prometheus.GaugeValue, float64(i),
			fmt.Sprint(c.label, "a-long-value-of-a-label-", i))
	}
}

func (c *countingCollector) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.asked
}

// safeBuffer may be read while it is written.
type safeBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func newTextLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

// scraping is a scraper with a clock of its own.
func scraping(t *testing.T, c *countingCollector) (*scraper, func(time.Duration), func(header ...string) *httptest.ResponseRecorder) {
	reg := prometheus.NewRegistry()
	reg.MustRegister(c)
	s := newScraper(reg, discard)
	now := time.Unix(1_700_000_000, 0)
	s.now = func() time.Time { return now }
	get := func(header ...string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil)
		for i := 0; i < len(header); i += 2 {
			r.Header.Set(header[i], header[i+1])
		}
		answer := httptest.NewRecorder()
		s.ServeHTTP(answer, r)
		return answer
	}
	return s, func(d time.Duration) { now = now.Add(d) }, get
}

func TestAPageIsSharedForASecond(t *testing.T) {
	c := &countingCollector{series: 3}
	_, pass, get := scraping(t, c)
	first := get()
	require.Contains(t, first.Body.String(), `many{n="a-long-value-of-a-label-2"} 2`)
	pass(999 * time.Millisecond)
	require.Equal(t, first.Body.String(), get().Body.String())
	require.Equal(t, 1, c.count())
	pass(time.Millisecond)
	get()
	require.Equal(t, 2, c.count())
}

func TestEveryFormatAndEncoding(t *testing.T) {
	c := &countingCollector{series: 3}
	_, _, get := scraping(t, c)
	text := get()
	require.Contains(t, text.Header().Get("Content-Type"), "text/plain")
	open := get("Accept", "application/openmetrics-text; version=1.0.0")
	require.Contains(t, open.Header().Get("Content-Type"), "application/openmetrics-text; version=1.0.0")
	require.True(t, strings.HasSuffix(open.Body.String(), "# EOF\n"))
	proto := get("Accept", "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited")
	require.Contains(t, proto.Header().Get("Content-Type"), "application/vnd.google.protobuf")
	packed := get("Accept-Encoding", "deflate, gzip;q=0.5")
	require.Equal(t, "gzip", packed.Header().Get("Content-Encoding"))
	reader, err := gzip.NewReader(packed.Body)
	require.NoError(t, err)
	plain, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Equal(t, text.Body.String(), string(plain))
	require.Empty(t, get("Accept-Encoding", "gzip;q=0").Header().Get("Content-Encoding"))
	require.Contains(t, packed.Header().Values("Vary"), "Accept-Encoding")
	require.Equal(t, 1, c.count())
}

// TestFormatsAreBounded: each is kept in memory, and none is refused.
func TestFormatsAreBounded(t *testing.T) {
	_, _, get := scraping(t, &countingCollector{series: 3})
	written := map[string]bool{}
	for _, format := range []string{
		"text/plain;version=0.0.4", "text/plain;version=1.0.0",
		"application/openmetrics-text;version=1.0.0",
	} {
		for _, escaping := range []string{"underscores", "dots", "values", "allow-utf-8"} {
			for _, encoding := range []string{"gzip", "identity"} {
				answer := get("Accept", format+";escaping="+escaping, "Accept-Encoding", encoding)
				require.Equal(t, http.StatusOK, answer.Code)
				require.Equal(t, encoding == "gzip", answer.Header().Get("Content-Encoding") == "gzip")
				written[answer.Header().Get("Content-Type")+encoding] = true
			}
		}
	}
	require.Greater(t, len(written), mostVariants/2)
	require.LessOrEqual(t, len(written), mostVariants+2)
	late := get("Accept", "application/openmetrics-text;version=1.0.0;escaping=dots", "Accept-Encoding", "identity")
	require.Contains(t, late.Header().Get("Content-Type"), "text/plain")
	require.Contains(t, late.Body.String(), "# TYPE many")
}

func TestABrokenCollectorHidesNoOther(t *testing.T) {
	_, _, get := scraping(t, &countingCollector{series: 1, fails: true})
	answer := get()
	require.Equal(t, http.StatusOK, answer.Code)
	require.Contains(t, answer.Body.String(), `many{n="a-long-value-of-a-label-0"} 0`)
}

// Between two scrapes no page is kept: with many clusters it is large.
func TestPageIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reg := prometheus.NewRegistry()
		all := &countingCollector{series: 3}
		reg.MustRegister(all)
		s := newScraper(reg, slog.New(slog.DiscardHandler))
		scrape := func() {
			answer := httptest.NewRecorder()
			s.ServeHTTP(answer, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/metrics", nil))
			require.Equal(t, http.StatusOK, answer.Code)
		}
		scrape()
		require.NotNil(t, s.current)
		require.Nil(t, s.source)
		time.Sleep(shareFor / 2)
		scrape()
		require.Equal(t, 1, all.count(), "one gathering serves all scrapes of a second")

		time.Sleep(shareFor)
		synctest.Wait()
		require.Nil(t, s.current)
		scrape()
		time.Sleep(shareFor - time.Millisecond)
		synctest.Wait()
		require.NotNil(t, s.current, "the timer of the page before forgets no later one")
	})
}
