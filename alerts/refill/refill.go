// Package refill fetches the recent past of the signals from a Prometheus that scrapes the
// sidecar, so that a restart does not blind the trends for a whole window.
package refill

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/alerts"
	"github.com/flink-sidecar/flink-sidecar/alerts/signal"
	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// maxAnswer bounds the answer of Prometheus.
const maxAnswer = 128 << 20

// timeout is for the one request.
const timeout = 30 * time.Second

// Source is a Prometheus with the sidecar's metrics.
type Source struct {
	url    string
	client *http.Client
}

// New returns the Prometheus of the section. It sends no request.
func New(c alerts.PrometheusConfig) (*Source, error) {
	client, err := commoncfg.NewClientFromConfig(c.HTTP, "prometheus")
	if err != nil {
		return nil, fmt.Errorf("alerts.prometheus.http: %w (correct it)", err)
	}
	client.Timeout = timeout
	return &Source{url: strings.TrimRight(c.URL, "/") + "/api/v1/query_range", client: client}, nil
}

// Close ends idle connections.
func (s *Source) Close() { s.client.CloseIdleConnections() }

// answer is the part of Prometheus' answer that is read.
type answer struct {
	Status string `json:"status"`
	Error  string `json:"error"`
	Data   struct {
		Result []struct {
			Metric map[string]string `json:"metric"`
			Values [][2]any          `json:"values"`
		} `json:"result"`
	} `json:"data"`
}

// Past returns the observations of all signals between two times, a step apart, in the order
// of their times. probed are the labels of the probe's signals.
func (s *Source) Past(
	ctx context.Context, from, until time.Time, step time.Duration, probed snapshot.Labels,
) ([]signal.Observation, error) {
	pages, err := s.pages(ctx, from, until, step)
	if err != nil {
		return nil, fmt.Errorf("refilling the trends from Prometheus: %w (they begin empty)", err)
	}
	reader := signal.NewReader()
	reader.Probed = probed
	var out []signal.Observation
	for _, at := range slices.Sorted(maps.Keys(pages)) {
		out = append(out, reader.Read(time.UnixMilli(at), pages[at])...)
	}
	return presentLives(out), nil
}

// presentLives counts the lives of each process backwards: the last one is the first life
// that the new process of the sidecar sees.
func presentLives(all []signal.Observation) []signal.Observation {
	last := map[snapshot.Labels]string{}
	for _, o := range all {
		if o.ProcessID != "" {
			last[snapshot.Labels{Cluster: o.Labels.Cluster, Process: o.Labels.Process}] = o.ProcessID
		}
	}
	for i, o := range all {
		switch last[snapshot.Labels{Cluster: o.Labels.Cluster, Process: o.Labels.Process}] {
		case "":
		case o.ProcessID:
			all[i].ProcessID = o.Labels.Process + "/0"
		default:
			all[i].ProcessID = "before " + o.ProcessID
		}
	}
	return all
}

func (s *Source) pages(ctx context.Context, from, until time.Time, step time.Duration) (map[int64][]signal.Series, error) {
	got, err := s.ask(ctx, url.Values{
		"query": {`{__name__=~"` + strings.Join(slices.Sorted(slices.Values(signal.Metrics())), "|") + `"}`},
		"start": {seconds(from)}, "end": {seconds(until)}, "step": {strconv.FormatFloat(step.Seconds(), 'f', -1, 64)},
	})
	if err != nil {
		return nil, err
	}
	pages := map[int64][]signal.Series{}
	for _, series := range got.Data.Result {
		name := series.Metric["__name__"]
		if moved := series.Metric["exported_job"]; moved != "" { // scraped without honor_labels
			series.Metric["job"] = moved
		}
		for _, point := range series.Values {
			at, value, ok := read(point)
			if ok {
				pages[at] = append(pages[at], signal.Series{Name: name, Labels: series.Metric, Value: value})
			}
		}
	}
	return pages, nil
}

func (s *Source) ask(ctx context.Context, form url.Values) (got answer, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, strings.NewReader(form.Encode()))
	if err != nil {
		return got, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := s.client.Do(r)
	if err != nil {
		return got, err
	}
	defer response.Body.Close()
	err = json.NewDecoder(io.LimitReader(response.Body, maxAnswer)).Decode(&got)
	switch {
	case err != nil:
		return got, fmt.Errorf("it answers %s, and not as Prometheus does: %w", response.Status, err)
	case got.Status != "success":
		return got, fmt.Errorf("it answers %s: %.200s", response.Status, got.Error)
	}
	return got, nil
}

func seconds(t time.Time) string { return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64) }

// read reads a point: its time in milliseconds, and its value.
func read(point [2]any) (at int64, value float64, ok bool) {
	when, isTime := point[0].(float64)
	text, isText := point[1].(string)
	value, err := strconv.ParseFloat(text, 64)
	return int64(math.Round(when * 1000)), value, isTime && isText && err == nil && !math.IsNaN(value)
}
