package webhook

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHostileTextIsBounded(t *testing.T) {
	long := strings.Repeat("é", 300) // 600 bytes
	q := &queue{}
	raw, err := json.Marshal(map[string]any{"version": "4", "alerts": []any{map[string]any{
		"status": "firing", "labels": map[string]string{"alertname": long, "job": "a\nb\x00<script>"},
		"annotations": map[string]string{"summary": long},
	}}})
	require.NoError(t, err)
	require.Equal(t, http.StatusAccepted, post(newWebhook(t, Config{}, q), string(raw)).Code)
	require.Equal(t, strings.Repeat("é", 256), q.taken()[0].Rule, "cut between two characters")
	require.Len(t, q.taken()[0].Summary, 512)
	require.Equal(t, "a\nb\x00<script>", q.taken()[0].Job, "the text is unchanged; its readers escape it")
}

// TestSlowSenderIsDisconnected sends a header that announces a body, and no body. The
// sender may send all of it again.
func TestSlowSenderIsDisconnected(t *testing.T) {
	w := newWebhook(t, Config{}, &queue{})
	w.readTimeout = 20 * time.Millisecond
	server := httptest.NewServer(w)
	defer server.Close()

	conn, err := new(net.Dialer).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Type: "+
		"application/json\r\nContent-Length: 1000\r\n\r\n{")
	require.NoError(t, err)
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	defer resp.Body.Close()
	require.Equal(t, http.StatusServiceUnavailable, resp.StatusCode)
}

// TestManySendersAtOnce sends the same alerts over many real connections.
func TestManySendersAtOnce(t *testing.T) {
	q := &queue{}
	server := httptest.NewServer(newWebhook(t, Config{}, q))
	defer server.Close()
	var senders sync.WaitGroup
	for i := range 8 {
		senders.Go(func() {
			for j := range 25 {
				raw := fmt.Sprintf(`{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A"},"fingerprint":"%d-%d"}]}`, i, j)
				if err := send(t.Context(), server.URL, raw); err != nil {
					t.Errorf("sender %d: %v", i, err)
					return
				}
			}
		})
	}
	senders.Wait()
	fingerprints := map[string]bool{}
	for _, a := range q.taken() {
		fingerprints[a.Fingerprint] = true
	}
	require.Len(t, fingerprints, 200)
}

// send posts over a connection and fails unless the answer is 202.
func send(ctx context.Context, url, body string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusAccepted {
		return fmt.Errorf("answered %s", resp.Status)
	}
	return nil
}

// impossibleTimes can be read by Go, but not written.
var impossibleTimes = []string{"2026-03-01T12:00:00+24:00", "9999-12-31T23:59:59-23:00", "0000-01-01T00:00:00+23:00"}

// TestInvalidAlertsAreNotRequestedAgain: with 503, Alertmanager would repeat them for
// ever.
func TestInvalidAlertsAreNotRequestedAgain(t *testing.T) {
	for _, moment := range impossibleTimes {
		q := &queue{}
		w := newWebhook(t, Config{}, q)
		started := `{"status":"firing","labels":{"alertname":"A"},"startsAt":"` + moment + `"}`
		ended := `{"status":"resolved","labels":{"alertname":"A"},"startsAt":"2026-03-01T12:00:00Z","endsAt":"` +
			moment + `"}`
		good := `{"status":"firing","labels":{"alertname":"B"},"startsAt":"2026-03-01T12:00:00+02:00"}`
		for _, alert := range []string{started, ended} {
			rec := post(w, `{"version":"4","alerts":[`+alert+`]}`)
			require.Equal(t, http.StatusBadRequest, rec.Code, moment)
			require.Contains(t, rec.Body.String(), "times of RFC 3339")
		}
		rec := post(w, `{"version":"4","alerts":[`+started+`,`+good+`]}`)
		require.Equal(t, http.StatusAccepted, rec.Code, "the other alerts of the body are accepted")
		require.Len(t, q.taken(), 1)
		require.Equal(t, "B", q.taken()[0].Rule)
	}
}

type invalidError struct{ error }

func (invalidError) Invalid() bool { return true }

// TestAlertsThatHistoryRefusesAreNotRequestedAgain covers any reason of the history.
func TestAlertsThatHistoryRefusesAreNotRequestedAgain(t *testing.T) {
	w := newWebhook(t, Config{}, &queue{full: invalidError{errors.New("it is too large")}})
	rec := post(w, `{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A"}}]}`)
	require.Equal(t, http.StatusBadRequest, rec.Code)
}

// TestLargeGroupsArriveWhole sends as many alerts as the examples of Alertmanager's configuration
// allow, in one body.
func TestLargeGroupsArriveWhole(t *testing.T) {
	const inExamples = 10_000
	var alerts []map[string]any
	for i := range inExamples {
		alerts = append(alerts, map[string]any{
			"status": "firing", "fingerprint": fmt.Sprint(i), "startsAt": "2026-03-01T12:00:00Z",
			"labels":      map[string]string{"alertname": "A", "job": fmt.Sprint("job-", i)},
			"annotations": map[string]string{"description": strings.Repeat("x", 1000)},
		})
	}
	raw, err := json.Marshal(map[string]any{"version": "4", "alerts": alerts})
	require.NoError(t, err)
	require.Greater(t, len(raw), 10<<20)
	q := &queue{}
	w := newWebhook(t, Config{}, q)
	require.Equal(t, http.StatusAccepted, post(w, string(raw)).Code)
	require.Len(t, q.taken(), inExamples)

	for range maxLarge {
		w.large <- struct{}{}
	}
	gone := func(r *http.Request) {
		ctx, cancel := context.WithCancel(r.Context())
		cancel()
		*r = *r.WithContext(ctx)
	}
	require.Equal(t, http.StatusServiceUnavailable, post(w, string(raw), gone).Code, "it comes again")
	require.Equal(t, http.StatusAccepted, post(w, `{"version":"4","alerts":[]}`).Code, "small ones do not wait for it")
	for _, example := range []string{"../../README.md", "../../docs/configuration.md", "../../deploy/local/stack/monitoring.go"} {
		text, err := os.ReadFile(example)
		require.NoError(t, err)
		require.Contains(t, string(text), fmt.Sprint("max_alerts: ", inExamples), example)
	}
}

func FuzzWebhook(f *testing.F) {
	for _, name := range []string{
		"alertmanager-0.25.0-firing.json", "alertmanager-0.25.0-resolved.json",
		"alertmanager-0.34.2-firing.json",
	} {
		raw, err := os.ReadFile(filepath.Join("testdata", name))
		require.NoError(f, err)
		f.Add(string(raw))
	}
	for _, moment := range impossibleTimes {
		f.Add(`{"version":"4","alerts":[{"status":"firing","labels":{"alertname":"A"},"startsAt":"` + moment + `"}]}`)
	}
	f.Add(`[{"labels":{"alertname":"A"},"startsAt":"2026-03-01T12:00:00Z"}]`)
	f.Fuzz(func(t *testing.T, raw string) {
		q := &queue{}
		rec := post(New(Config{}, q, discard()), raw)
		require.Contains(t, []int{200, 202, 400, 413}, rec.Code)
		for _, a := range q.taken() {
			_, err := json.Marshal(a)
			require.NoError(t, err, "it can't be stored, and its sender would repeat it for ever")
			require.NotEmpty(t, a.Rule)
			require.LessOrEqual(t, len(a.Rule)+len(a.Job)+len(a.Cluster)+len(a.Vertex)+len(a.Summary), 5*maxText)
		}
	})
}
