//go:build e2e

package e2e

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"text/template"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/stretchr/testify/require"
)

// sidecar is a running bin/sidecar beside the stack. It can be killed and
// started again on the same history.
type sidecar struct {
	config, history string
	sinks           []string
	url             string
	cmd             *exec.Cmd
	exited          <-chan struct{}
}

// The probe is quicker here than its defaults, so that a fault of a minute is
// seen in many records; the limits stay long enough for a recovery to be late
// rather than lost. Documents are kept: the final audit counts them.
var configuration = template.Must(template.New("sidecar.yml").Parse(`
flink: {url: "{{.FlinkURL}}", cluster: e2e}
collector: {poll_interval: 5s}
kafka: {brokers: ["{{index .KafkaBrokers 0}}"]}
elasticsearch: {urls: ["{{.Elasticsearch}}"]}
sinks:
  - {name: enriched, kafka: {topic: orders-enriched}}
  - {name: alerts, kafka: {topic: orders-alerts}}
  - {name: search, elasticsearch: {index: orders, seed_field: seed, ingested_field: ingested_at, indexed_field: arrived_at, cleanup: keep}}
{{- with .Archive}}
  - {name: archive, files: {directory: "{{.}}"}}
{{- end}}
probe:
  job: orders enrichment
  topic: orders
  interval: 2s
  max_rate: 2
  on_time_within: 20s
  cutoff: 2m
  template: |
    {"order_id": "{{"{{.Seed}}"}}", "seed": "{{"{{.Seed}}"}}", "customer_id": "{{"{{.Key}}"}}", "amount": 1.0, "currency": "EUR",
     "items": [{"sku": "probe", "quantity": 1, "price": 1.0}], "note": "probe", "created_at": {{"{{.SentAt}}"}}}
scaletest: {allow: {topics: [orders, orders-enriched, orders-alerts], indices: [orders]}}
web: {listen_address: "127.0.0.1:0"}
`))

func newSidecar(t *testing.T, s *stack) *sidecar {
	t.Helper()
	dir := t.TempDir()
	sc := &sidecar{config: filepath.Join(dir, "e2e.yml"), history: filepath.Join(dir, "e2e.db"), sinks: sinks}
	if s.Archive != "" {
		sc.sinks = append(slices.Clone(sinks), archive)
	}
	sc.configure(t, configuration, s)
	return sc
}

// configure writes the configuration that the next start reads.
func (sc *sidecar) configure(t *testing.T, from *template.Template, settings any) {
	t.Helper()
	file, err := os.Create(sc.config)
	require.NoError(t, err)
	require.NoError(t, from.Execute(file, settings))
	require.NoError(t, file.Close())
}

// start runs the sidecar and waits until it serves.
func (sc *sidecar) start(t *testing.T) {
	t.Helper()
	sc.cmd = exec.CommandContext(context.Background(), binary(t, "sidecar"), "run", "--config.file="+sc.config,
		"--history.path="+sc.history)
	sc.exited = background(t, sc.cmd, "sidecar run")
	eventually(t, time.Minute, "the sidecar serves", func() error {
		owner, err := sc.owner()
		if err != nil {
			return err
		}
		if owner.PID != sc.cmd.Process.Pid {
			return fmt.Errorf("the owner file names process %d, not %d", owner.PID, sc.cmd.Process.Pid)
		}
		sc.url = strings.TrimSuffix(owner.URL, "/")
		_, err = sc.families(t)
		return err
	})
}

// kill ends the sidecar as kill -9 does and waits until it is gone.
func (sc *sidecar) kill(t *testing.T) {
	t.Helper()
	require.NoError(t, sc.cmd.Process.Kill())
	<-sc.exited
}

type ownerFile struct {
	URL string `json:"url"`
	PID int    `json:"pid"`
}

func (sc *sidecar) owner() (ownerFile, error) {
	var owner ownerFile
	raw, err := os.ReadFile(sc.history + ".owner")
	if err != nil {
		return owner, err
	}
	return owner, json.Unmarshal(raw, &owner)
}

// families reads /metrics.
func (sc *sidecar) families(t *testing.T) (map[string]*dto.MetricFamily, error) {
	t.Helper()
	resp, err := get(t, sc.url+"/metrics")
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("/metrics answers %s", resp.Status)
	}
	parser := expfmt.NewTextParser(model.UTF8Validation)
	return parser.TextToMetricFamilies(resp.Body)
}

// value returns the one sample of a family whose labels include want; for a
// histogram its count. A missing sample is an error: unknown is not zero.
func (sc *sidecar) value(t *testing.T, name string, want map[string]string) (float64, error) {
	t.Helper()
	families, err := sc.families(t)
	if err != nil {
		return 0, err
	}
	family, ok := families[name]
	if !ok {
		return 0, fmt.Errorf("no metric %s", name)
	}
	for _, m := range family.GetMetric() {
		labels := map[string]string{}
		for _, l := range m.GetLabel() {
			labels[l.GetName()] = l.GetValue()
		}
		joined := maps.Clone(labels)
		maps.Copy(joined, want)
		if !maps.Equal(joined, labels) {
			continue
		}
		return sampleOf(m), nil
	}
	return 0, fmt.Errorf("no sample of %s with %v", name, want)
}

func sampleOf(m *dto.Metric) float64 {
	switch {
	case m.Counter != nil:
		return m.GetCounter().GetValue()
	case m.Gauge != nil:
		return m.GetGauge().GetValue()
	case m.Histogram != nil:
		return float64(m.GetHistogram().GetSampleCount())
	}
	return m.GetUntyped().GetValue()
}

// atLeast waits until a sample has reached floor.
func (sc *sidecar) atLeast(t *testing.T, within time.Duration, floor float64, name string, labels map[string]string) {
	t.Helper()
	eventually(t, within, fmt.Sprintf("%s%v is at least %g", name, labels, floor), func() error {
		v, err := sc.value(t, name, labels)
		if err == nil && v < floor {
			return fmt.Errorf("%s%v is %g, not yet %g", name, labels, v, floor)
		}
		return err
	})
}

// command runs bin/sidecar with args and returns its standard output.
func (sc *sidecar) command(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary(t, "sidecar"),
		append(args, "--config.file="+sc.config, "--history.path="+sc.history)...)
	out, err := cmd.Output()
	var stderr string
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		stderr = string(exit.Stderr)
	}
	require.NoError(t, err, "sidecar %v: %s%s", args, out, stderr)
	return string(out)
}
