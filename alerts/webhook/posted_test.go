package webhook

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestListOfVmalert sends what vmalert posts to /api/v2/alerts: no status, no fingerprint, and an end
// in the future while an alert fires.
func TestListOfVmalert(t *testing.T) {
	at := func(d time.Duration) string { return time.Now().Add(d).UTC().Format(time.RFC3339Nano) }
	alert := func(end string) string {
		return `{"startsAt":"2026-03-01T12:00:00Z","generatorURL":"http://vmalert/alert?id=1",` + end +
			`"labels":{"alertname":"Lag","alertgroup":"flink","job":"orders"},"annotations":{"summary":"late"}}`
	}
	q := &queue{}
	w := newWebhook(t, Config{}, q)
	for _, body := range []string{
		"[" + alert(`"endsAt":"`+at(time.Minute)+`",`) + "]", "\n[" + alert("") + "]", "[" + alert(`"endsAt":"`+at(-time.Second)+`",`) + "]",
	} {
		rec := post(w, body)
		require.Equal(t, http.StatusOK, rec.Code, "vmalert takes nothing else for success")
	}
	taken := q.taken()
	require.Len(t, taken, 3)
	require.Equal(t, "Lag", taken[0].Rule)
	require.Equal(t, "orders", taken[0].Job)
	require.Equal(t, "late", taken[0].Summary)
	require.Equal(t, time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), taken[0].StartsAt)
	require.False(t, taken[0].Resolved(), "its end is in the future")
	require.Equal(t, taken[0], taken[1], "the same occurrence, sent again")
	require.True(t, taken[2].Resolved())
	require.Regexp(t, "^[0-9a-f]{16}$", taken[0].Fingerprint)
	require.Equal(t, taken[0].Fingerprint, taken[2].Fingerprint)

	require.Equal(t, http.StatusBadRequest, post(w, `[{"labels":{"job":"x"}}]`).Code)
	require.Equal(t, http.StatusOK, post(w, `[]`).Code)
	own := `[{"startsAt":"2026-03-01T12:00:00Z","labels":{"alertname":"X","origin":"flink-sidecar"}}]`
	require.Equal(t, http.StatusOK, post(w, own).Code)
	require.Len(t, q.taken(), 3, "its own come back to nobody")
}
