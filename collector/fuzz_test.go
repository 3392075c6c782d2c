package collector

import (
	"net/http"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/flink/flinktest"
)

// endings are those of the requests of a poll, and of what the first polls of a run add.
var endings = []string{
	"/overview", "/config", "/checkpoints", "/checkpoints/config", "/exceptions", "/metrics", "/taskmanagers",
	"/subtasks/metrics", "/accumulators", "/plan", "",
}

// FuzzPoll answers one kind of request with arbitrary bytes and all others as Flink did:
// a poll ends, and what it exports is a valid page.
func FuzzPoll(f *testing.F) {
	for which := range endings {
		for _, body := range []string{
			`{}`, `[]`, `null`, `[{"id":"numRecordsIn","min":-1e308,"max":1e308,"avg":"NaN","sum":null}]`,
			`{"vertices":[{"id":"","name":"\u0000","parallelism":-1,"metrics":{"accumulated-busy-time":"NaN"}}]}`,
			`{"jobs":[{"jid":"x","name":"\ud800","state":"RUNNING","start-time":-9223372036854775808}]}`,
			`{"counts":{"completed":-1},"latest":{"completed":{"id":1,"end_to_end_duration":-5}}}`,
		} {
			f.Add(uint8(which), body)
		}
	}
	f.Fuzz(func(t *testing.T, which uint8, body string) {
		l := newLab(t, flinktest.Flink23)
		l.Break(func(http.Handler, <-chan struct{}) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				_, _ = w.Write([]byte(body))
			})
		}, endings[int(which)%len(endings)])
		_ = l.Poll(t.Context()) // it may fail, and says so in its metrics
		l.pass(time.Duration(DefaultConfig().PollInterval))
		_ = l.Poll(t.Context())
		registry := prometheus.NewPedanticRegistry()
		require.NoError(t, registry.Register(l.Collector))
		_, err := registry.Gather()
		require.NoError(t, err)
	})
}
