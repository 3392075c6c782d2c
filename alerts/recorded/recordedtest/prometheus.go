// Package recordedtest is a Prometheus for tests: it answers range queries with a function of
// time, and refuses what a real one refuses.
package recordedtest

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"testing"
)

// maxPoints is the limit of a real Prometheus for the points of one series in an answer.
const maxPoints = 11_000

// Prometheus has one series.
type Prometheus struct {
	URL string
	// Requests counts the range queries.
	Requests atomic.Int64

	labels map[string]string
	value  func(unix float64) float64
}

// New starts a Prometheus that knows one series: its labels, and its value at each time.
func New(t testing.TB, labels map[string]string, value func(unix float64) float64) *Prometheus {
	t.Helper()
	p := &Prometheus{labels: labels, value: value}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/v1/query_range", p.queryRange)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	p.URL = server.URL
	return p
}

func (p *Prometheus) queryRange(w http.ResponseWriter, r *http.Request) {
	p.Requests.Add(1)
	w.Header().Set("Content-Type", "application/json")
	var times [3]float64
	for i, name := range []string{"start", "end", "step"} {
		var err error
		if times[i], err = strconv.ParseFloat(r.FormValue(name), 64); err != nil {
			refuse(w, fmt.Sprintf("invalid parameter %q: %v", name, err))
			return
		}
	}
	start, end, step := times[0], times[1], times[2]
	if step <= 0 || (end-start)/step > maxPoints {
		refuse(w, "exceeded maximum resolution of 11,000 points per timeseries. "+
			"Try decreasing the query resolution (?step=XX)")
		return
	}
	values := [][2]any{}
	for i := range int((end-start)/step+1e-6) + 1 {
		at := math.Round(1000*(start+float64(i)*step)) / 1000 // Prometheus counts in milliseconds
		values = append(values, [2]any{at, strconv.FormatFloat(p.value(at), 'g', -1, 64)})
	}
	answer(w, map[string]any{"status": "success", "data": map[string]any{
		"resultType": "matrix", "result": []any{map[string]any{"metric": p.labels, "values": values}},
	}})
}

func refuse(w http.ResponseWriter, why string) {
	w.WriteHeader(http.StatusBadRequest)
	answer(w, map[string]any{"status": "error", "errorType": "bad_data", "error": why})
}

func answer(w http.ResponseWriter, body any) {
	_ = json.NewEncoder(w).Encode(body) // a client that is gone needs no answer
}
