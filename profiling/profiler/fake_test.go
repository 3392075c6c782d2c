package profiler

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/flink-sidecar/flink-sidecar/profiling/pagestore"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// answer is one answer of the fake Flink.
type answer struct {
	status int
	body   []byte
	hangUp bool // close the connection in the middle of the body
}

// captured is an answer as Flink 2.3.0 gave it.
func captured(t *testing.T, status int, file string) answer {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("testdata/flink-2.3.0", file))
	require.NoError(t, err)
	return answer{status: status, body: body}
}

// pageOf is a page as Flink delivered it.
func pageOf(t *testing.T, file string) answer {
	t.Helper()
	body, err := os.ReadFile(filepath.Join("../../internal/flame/testdata/flink", file))
	require.NoError(t, err)
	return answer{status: http.StatusOK, body: body}
}

// fakeFlink is a server that gives prepared answers, by method and path, in
// order; the last one of a path is repeated.
type fakeFlink struct {
	*httptest.Server
	mu      sync.Mutex
	answers map[string][]answer
	asked   []string // what was asked, with the body behind it
}

func newFakeFlink(t *testing.T) *fakeFlink {
	t.Helper()
	fake := &fakeFlink{answers: map[string][]answer{}}
	fake.Server = httptest.NewServer(fake)
	t.Cleanup(fake.Close)
	return fake
}

func (f *fakeFlink) on(request string, answers ...answer) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.answers[request] = answers
}

// requests returns what was asked since it was called last.
func (f *fakeFlink) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	asked := f.asked
	f.asked = nil
	return asked
}

func (f *fakeFlink) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	request := r.Method + " " + r.URL.EscapedPath()
	f.mu.Lock()
	f.asked = append(f.asked, strings.TrimSpace(request+" "+string(body)))
	key := r.Method + " " + r.URL.RequestURI()
	if _, exact := f.answers[key]; !exact {
		key = request
	}
	answers := f.answers[key]
	if len(answers) > 1 {
		f.answers[key] = answers[1:]
	}
	f.mu.Unlock()
	if len(answers) == 0 {
		w.WriteHeader(http.StatusNotFound)
		_, _ = io.WriteString(w, `{"errors":["Not found: `+r.URL.Path+`"]}`)
		return
	}
	if answers[0].hangUp {
		w.Header().Set("Content-Length", "1000000")
	}
	w.WriteHeader(answers[0].status)
	_, _ = w.Write(answers[0].body)
}

// client speaks to a fake over HTTP.
type client struct{ base string }

func (c client) Do(
	ctx context.Context, method, pattern string, ids []string, body []byte, limit int64,
) (int, []byte, error) {
	var path strings.Builder
	for segment := range strings.SplitSeq(strings.TrimPrefix(pattern, "/"), "/") {
		if strings.HasPrefix(segment, ":") {
			segment, ids = url.PathEscape(ids[0]), ids[1:]
		}
		path.WriteString("/" + segment)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base+path.String(), bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	resp, err := (&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}).Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, limit))
	return resp.StatusCode, text, err
}

// bench is a profiler before a fake Flink, on a clock that only sleeping moves.
type bench struct {
	*Profiler
	flink *fakeFlink
	mu    sync.Mutex
	clock time.Time
	slept []time.Duration
}

func newBench(t *testing.T) *bench {
	t.Helper()
	flink := newFakeFlink(t)
	b := &bench{flink: flink, clock: time.Date(2026, 11, 22, 22, 14, 4, 0, time.UTC)}
	b.Profiler = New(client{flink.URL}, &pagestore.Store{Dir: filepath.Join(t.TempDir(), "profiles")}, NewMetrics(),
		slog.New(slog.DiscardHandler))
	b.Now = func() time.Time {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.clock
	}
	b.Sleep = func(ctx context.Context, d time.Duration) error {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.clock = b.clock.Add(d)
		b.slept = append(b.slept, d)
		return ctx.Err()
	}
	return b
}
