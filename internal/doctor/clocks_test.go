package doctor

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/alerts/notify"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
)

// Our clock is an hour ahead: each server that tells its time shows it.
func TestTheClockOfEachServerIsCompared(t *testing.T) {
	c := newClinic(t, rights(writeOrders, readEnriched, readAlerts))
	c.ahead = time.Hour
	for _, name := range []string{"flink.clock local", "elasticsearch.clock ", "grafana.clock ", "llm.clock "} {
		found := false
		for ill, r := range c.examine(t) {
			if strings.HasPrefix(ill, name) {
				found = true
				require.Equal(t, check.Warning, r.State)
				require.Contains(t, r.Says, "off ours")
				require.Equal(t, "a shell on the machine with the wrong clock", r.Fix.In)
			}
		}
		require.True(t, found, name)
	}
}

// Elasticsearch sends no header Date, and tells its time in a list.
func TestTheTimeOfElasticsearchIsInItsAnswer(t *testing.T) {
	body := "1900000000\n"
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header()["Date"] = nil
		if r.URL.Path == "/_cat/health" && r.URL.Query().Get("h") == "epoch" {
			_, _ = w.Write([]byte(body))
		}
	}))
	defer server.Close()
	d := doctor{options: Options{Now: func() time.Time { return time.Unix(1_900_000_000, 500_000_000) }}}
	asked := timed{area: "elasticsearch", url: server.URL + "/", path: "/_cat/health?h=epoch"}
	require.Equal(t, check.OK, d.compare(t.Context(), asked)[0].State)
	body = "1900000010"
	got := d.compare(t.Context(), asked)[0]
	require.Equal(t, check.Warning, got.State)
	require.Contains(t, got.Says, "at least 10s off")
	body = "nothing"
	require.Equal(t, check.Unknown, d.compare(t.Context(), asked)[0].State)
	server.Close()
	require.Empty(t, d.compare(t.Context(), asked), "its connection has a check of its own")
}

func TestEveryAlertmanagerHasAClock(t *testing.T) {
	d := doctor{}
	d.cfg.Notify = &notify.Config{Alertmanager: &notify.Alertmanager{URLs: []string{"http://a", "http://b"}}}
	require.Len(t, d.timed(), 2)
}

// A time to the second is a range: only what is outside of it is an offset.
func TestTheOffsetIsTheLeastThatIsCertain(t *testing.T) {
	at := time.Unix(1000, 0)
	for _, tc := range []struct {
		asked, took, want time.Duration
	}{
		{0, 0, 0},
		{900 * time.Millisecond, 0, 0},
		{-3 * time.Second, time.Second, 2 * time.Second},
		{-time.Second, 5 * time.Second, 0},
		{4 * time.Second, time.Second, -3 * time.Second},
	} {
		asked := at.Add(tc.asked)
		require.Equal(t, tc.want, offset(at, asked, asked.Add(tc.took)), tc)
	}
}
