package server

import (
	"bytes"
	"context"
	"log"
	"log/slog"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

const (
	// shareFor is how long the metrics of one gathering serve every scrape. Ages and the
	// metrics of the process are that old at the most.
	shareFor = time.Second
	// mostVariants is the number of formats and encodings of a page in memory, without the
	// plain text, which always has a place. A Prometheus asks for one.
	mostVariants = 8
)

// scraper serves /metrics. However many scrape at a time, at most one gathers, once a
// second, and each format is written once: all are sent the same bytes.
type scraper struct {
	gatherer prometheus.Gatherer
	now      func() time.Time
	aborted  *occasional

	mu      sync.Mutex
	current *page

	// encoding is the page that promhttp writes at the moment.
	encoding sync.Mutex
	write    http.Handler
	source   *page
}

func newScraper(reg *prometheus.Registry, l *slog.Logger) *scraper {
	s := &scraper{
		gatherer: reg, now: time.Now,
		aborted: newOccasional(l, "Scrape ended before its answer was sent", time.Minute, 1),
	}
	gathered := prometheus.GathererFunc(func() ([]*dto.MetricFamily, error) { return s.source.families, s.source.err })
	s.write = promhttp.HandlerFor(gathered, promhttp.HandlerOpts{
		// No _created lines: to Prometheus each would be one more series. In protobuf
		// the times are there anyway.
		EnableOpenMetrics: true,
		// A collector that fails must not hide the others.
		ErrorHandling: promhttp.ContinueOnError,
		ErrorLog:      log.New(newOccasional(l, "Metrics", 10*time.Second, 5), "", 0),
		Registry:      reg,
	})
	return s
}

// page is the outcome of one gathering.
type page struct {
	began    time.Time
	ready    chan struct{} // closed when families and err are set
	families []*dto.MetricFamily
	err      error
	// variants are guarded by scraper.encoding.
	variants map[variant]*answer
}

// variant is what a client asks for.
type variant struct {
	format expfmt.Format
	gzip   bool
}

// ServeHTTP answers one scrape.
func (s *scraper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p, err := s.page(r.Context())
	if err != nil {
		return // the client has gone away
	}
	a := s.answer(p, variantOf(r.Header))
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(a.body.Len()))
	w.WriteHeader(a.status)
	if _, err := w.Write(a.body.Bytes()); err != nil && r.Method != http.MethodHead {
		s.aborted.warn("remote", r.RemoteAddr, "err", err)
	}
}

// page returns the metrics of now, or of up to a second ago.
func (s *scraper) page(ctx context.Context) (*page, error) {
	s.mu.Lock()
	p := s.current
	if p != nil && (!p.done() || s.now().Sub(p.began) < shareFor) {
		s.mu.Unlock()
		select {
		case <-p.ready:
			return p, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	p = &page{began: s.now(), ready: make(chan struct{}), variants: map[variant]*answer{}}
	s.current = p
	s.mu.Unlock()
	defer close(p.ready)
	p.families, p.err = s.gatherer.Gather()
	time.AfterFunc(shareFor, func() { s.forget(p) })
	return p, nil
}

// forget gives back the memory of a page that no scrape can get any more.
func (s *scraper) forget(p *page) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.current == p {
		s.current = nil
	}
}

func (p *page) done() bool {
	select {
	case <-p.ready:
		return true
	default:
		return false
	}
}

// answer returns the page in one format and encoding. Where there are too many already it
// is plain text, which every client of /metrics reads: no client can make another one's
// scrape fail by asking for many formats.
func (s *scraper) answer(p *page, v variant) *answer {
	s.encoding.Lock()
	defer s.encoding.Unlock()
	if a := p.variants[v]; a != nil {
		return a
	}
	if len(p.variants) >= mostVariants {
		v.format = expfmt.NewFormat(expfmt.TypeTextPlain)
		if a := p.variants[v]; a != nil {
			return a
		}
	}
	a := &answer{header: http.Header{}, status: http.StatusOK}
	s.source = p
	s.write.ServeHTTP(a, v.request())
	s.source = nil
	p.variants[v] = a
	return a
}

// variantOf reduces what a client accepts to one of a few dozen variants.
func variantOf(header http.Header) variant {
	v := variant{format: expfmt.NegotiateAccept(header, expfmt.DefaultOpenMetricsAcceptedFormats()...)}
	for coding := range strings.SplitSeq(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		name, weight, _ := strings.Cut(strings.ReplaceAll(coding, " ", ""), ";")
		if (name == "gzip" || name == "*") && strings.Trim(weight, "q=0.") != "" || name == "gzip" && weight == "" {
			v.gzip = true
		}
	}
	return v
}

// request is one that asks for exactly this variant.
func (v variant) request() *http.Request {
	header := http.Header{"Accept": {string(v.format)}, "Accept-Encoding": {"identity"}}
	if v.gzip {
		header.Set("Accept-Encoding", "gzip")
	}
	return &http.Request{Method: http.MethodGet, Header: header}
}

// answer is a ResponseWriter that keeps what is written.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) { a.status = status }

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) { return a.body.Write(p) }
