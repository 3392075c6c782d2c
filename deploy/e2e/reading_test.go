//go:build e2e

package e2e

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

// reading is what one or more pages of metrics said at some time.
type reading struct {
	families map[string][]*dto.Metric
	bytes    int
	series   int // lines that are samples
	ofFlink  int // those of them that do not speak of the sidecar itself
}

type sample struct {
	labels map[string]string
	value  float64
}

// read reads pages together. Their families are joined.
func read(t *testing.T, urls ...string) (reading, error) {
	t.Helper()
	r := reading{families: map[string][]*dto.Metric{}}
	for _, url := range urls {
		resp, err := get(t, url)
		if err != nil {
			return r, err
		}
		page, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		if err != nil {
			return r, err
		}
		if resp.StatusCode != http.StatusOK {
			return r, fmt.Errorf("%s answers %s", url, resp.Status)
		}
		parser := expfmt.NewTextParser(model.UTF8Validation)
		families, err := parser.TextToMetricFamilies(bytes.NewReader(page))
		if err != nil {
			return r, err
		}
		for name, family := range families {
			r.families[name] = append(r.families[name], family.GetMetric()...)
		}
		r.count(page)
	}
	return r, nil
}

func (r *reading) count(page []byte) {
	r.bytes += len(page)
	for line := range bytes.Lines(page) {
		if line[0] == '#' {
			continue
		}
		r.series++
		if bytes.HasPrefix(line, []byte("flink_")) && !bytes.HasPrefix(line, []byte("flink_sidecar_")) {
			r.ofFlink++
		}
	}
}

// samples returns those whose labels have the wanted values, in the order of
// all their labels.
func (r reading) samples(family string, want map[string]string) []sample {
	var samples []sample
	for _, metric := range r.families[family] {
		s := sample{labels: map[string]string{}, value: sampleOf(metric)}
		for _, l := range metric.GetLabel() {
			s.labels[l.GetName()] = l.GetValue()
		}
		if s.has(want) {
			samples = append(samples, s)
		}
	}
	slices.SortFunc(samples, func(a, b sample) int { return cmp.Compare(fmt.Sprint(a.labels), fmt.Sprint(b.labels)) })
	return samples
}

func (s sample) has(want map[string]string) bool {
	for label, value := range want {
		if s.labels[label] != value {
			return false
		}
	}
	return true
}
