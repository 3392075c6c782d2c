package recorded

import (
	"context"
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	commoncfg "github.com/prometheus/common/config"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/recorded/recordedtest"
)

func at(t *testing.T, url string) *Source {
	t.Helper()
	s, err := New(alerts.PrometheusConfig{URL: url, HTTP: commoncfg.DefaultHTTPClientConfig})
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// TestALongPastComesInStretches asks for a day of 15 s, and for steps that make a stretch of
// time hold more points than Prometheus answers, or none.
func TestALongPastComesInStretches(t *testing.T) {
	for _, tc := range []struct{ length, step time.Duration }{
		{24 * time.Hour, 15 * time.Second},
		{time.Hour, 100 * time.Millisecond},
		{5 * 24 * time.Hour, 7 * time.Hour},
		{time.Second, time.Minute},
	} {
		p := recordedtest.New(t, map[string]string{"__name__": "flink_job_headroom_ratio", "job": "orders"},
			func(unix float64) float64 { return unix })
		last, n := until.Add(-tc.length-tc.step), 0
		for page, err := range at(t, p.URL).Pages(t.Context(), until.Add(-tc.length), until, tc.step) {
			require.NoError(t, err)
			require.Equal(t, tc.step, page.At.Sub(last), "no page is missing and none comes twice")
			require.Len(t, page.Series, 1)
			require.InDelta(t, float64(page.At.UnixMilli())/1000, page.Series[0].Value, 0.0011)
			last = page.At
			n++
		}
		require.Equal(t, int(tc.length/tc.step)+1, n)
		require.GreaterOrEqual(t, p.Requests.Load(), int64(tc.length/(maxSpan*max(1, tc.step/dense))))
	}
}

func TestUnknownValuesAreLeftOut(t *testing.T) {
	p := recordedtest.New(t, map[string]string{"__name__": "flink_job_headroom_ratio"},
		func(float64) float64 { return math.NaN() })
	for _, err := range at(t, p.URL).Pages(t.Context(), until.Add(-time.Hour), until, time.Minute) {
		require.NoError(t, err)
		require.Fail(t, "a page without samples")
	}
}

func TestFirstErrorEndsThePages(t *testing.T) {
	s := source(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprint(w, `{"status":"error","errorType":"execution","error":"query processing would load too many samples"}`)
	})
	var got []error
	for _, err := range s.Pages(t.Context(), until.Add(-24*time.Hour), until, time.Minute) {
		got = append(got, err)
	}
	require.Len(t, got, 1)
	require.ErrorContains(t, got[0], "would load too many samples")

	ctx, stop := context.WithCancel(t.Context())
	stop()
	for _, err := range s.Pages(ctx, until, until, time.Minute) {
		require.ErrorIs(t, err, context.Canceled)
	}
}

func TestALongAnswerIsRefused(t *testing.T) {
	body := &limited{ReadCloser: http.NoBody, left: -1}
	_, err := body.Read(make([]byte, 1))
	require.ErrorIs(t, err, errTooLong)
}
