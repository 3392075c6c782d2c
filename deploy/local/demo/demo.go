// Package demo shows the sidecar on the local stack and judges whether each stage of the
// loop did its work.
//
// Everything it shows and judges comes from the sidecar's own /metrics and /api/v1, and
// from the API of the stand-in for Grafana, as a user would read them, never from
// inside the process. The steps:
//
//  1. Sidecar is a row for the stack's table, so that the sidecar is a service like the
//     others: it can be killed and started again while the demo runs.
//  2. Begin starts it and adds it to Prometheus' targets.
//  3. Watch reads /metrics every second into a Reading, and shows lines of state made
//     from the latest one and the one a minute before. Every few seconds it
//     reads the episodes, and prints new events.
//  4. Judge checks whether every stage of the loop did its work, from a last Reading and
//     from the APIs (evidence.go). In the first six minutes a stage without a result is
//     neither a success nor a failure. After that it is a failure, unless the options of
//     the stack make a result impossible.
//  5. The summary is a table of the stages and the story: what happened when.
package demo

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/stack"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/standin"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

const (
	service = "sidecar"
	// configFile and historyFile are in the data directory of the stack. Each demo has a
	// new history: an old one would account for records of a broker that is gone. The
	// sidecar keeps its profiles beside it.
	configFile  = "sidecar.yml"
	historyFile = "sidecar.db"
	profilesDir = "sidecar-profiles"
	targetFile  = "prometheus/targets/sidecar.json"

	patience = time.Minute
	grace    = 15 * time.Second
)

// Demo is the sidecar beside a stack.
type Demo struct {
	program string
	stack   *stack.Stack
	url     string
	ready   time.Time // when the stack was ready
	began   time.Time // when the sidecar was first ready
	repair  *repair   // nil if the demo repairs nothing
}

// New returns a demo of the sidecar's program (bin/sidecar), which must exist.
func New(program string) (*Demo, error) {
	absolute, err := filepath.Abs(program)
	if err != nil {
		return nil, err
	}
	if _, err := os.Stat(absolute); err != nil {
		return nil, fmt.Errorf("%s does not exist (run make build, or name another program with --sidecar)", absolute)
	}
	return &Demo{program: absolute}, nil
}

// Sidecar is the sidecar's row in the table of a stack, see stack.Options.Beside.
func (d *Demo) Sidecar(s *stack.Stack) []supervisor.Service {
	d.stack = s
	port := s.Ports().Sidecar
	d.url = "http://" + ports.Loopback(port)
	row := s.Row(service, port)
	row.Manual, row.Patience, row.Grace = true, patience, grace
	row.Launch = func(context.Context) (*process.Process, error) {
		return process.Start(s.Spec(service, []string{d.program, "run", "--config.file=" + d.Config()}))
	}
	row.Ready = func(ctx context.Context) error { return get(ctx, d.url+"/-/ready", nil) }
	return []supervisor.Service{row}
}

// Config is the path of the sidecar's configuration.
func (d *Demo) Config() string { return d.stack.Layout().In(configFile) }

// Begin starts the sidecar as soon as the stack is ready, and has Prometheus scrape it.
func (d *Demo) Begin(ctx context.Context) error {
	d.ready = time.Now()
	layout, state := d.stack.Layout(), d.stack.State()
	for _, old := range []string{historyFile, historyFile + ".owner", profilesDir} {
		if err := os.RemoveAll(layout.In(old)); err != nil {
			return err
		}
	}
	address := ports.Loopback(d.stack.Ports().Sidecar)
	if err := layout.Write(configFile, configuration(state, address, layout.In(historyFile))); err != nil {
		return err
	}
	if err := d.stack.Start(ctx, service); err != nil {
		return err
	}
	d.began = time.Now()
	return layout.Write(targetFile, target(address))
}

// Ready is when the stack was ready, the zero of the story: the call of Begin.
func (d *Demo) Ready() time.Time { return d.ready }

// End removes the sidecar from Prometheus' targets. It is stopped with the stack.
func (d *Demo) End() error { return d.stack.Layout().Remove(targetFile) }

// target is a list of targets as Prometheus' file_sd reads it.
func target(address string) string {
	text, _ := json.Marshal([]any{map[string]any{ // cannot fail on strings
		"targets": []string{address},
		"labels":  map[string]string{"job": "flink-sidecar"},
	}})
	return string(text) + "\n"
}

// Print lists the addresses and commands to try.
func (d *Demo) Print(out io.Writer, launcher string) error {
	layout, state := d.stack.Layout(), d.stack.State()
	_, err := fmt.Fprintf(out, `
The sidecar runs beside Flink. Open
  the page       %[1]s/
  its metrics    %[1]s/metrics
  Flink's page   %[2]s
  Prometheus     %[3]s
  annotations    %[8]s/  (%[9]s: %[10]s)
  configuration  %[4]s
and try, in another terminal:
  %[5]s probe --config.file=%[4]s
  %[5]s advise --config.file=%[4]s
  %[6]s kill taskmanager-1 --dir=%[7]s && sleep 20 && %[6]s start taskmanager-1 --dir=%[7]s
  curl -s %[1]s/metrics | grep '^flink_sidecar_probe_records_total'
  %[5]s grafana export --output=dashboards%[11]s --history.url=%[1]s --external-url=%[1]s
                              # dashboards for a Grafana of yours, and its data sources

`, d.url, state.FlinkURL, orNone(state.PrometheusURL), layout.In(configFile), d.program, launcher, layout.Dir,
		state.GrafanaURL, standin.Name, standin.Is, prometheusFlag(state.PrometheusURL))
	return err
}

// prometheusFlag has the export provision a data source where there is a Prometheus.
func prometheusFlag(url string) string {
	if url == "" {
		return ""
	}
	return " --prometheus.url=" + url
}

func orNone(text string) string {
	if text == "" {
		return "none on this machine"
	}
	return text
}

// get requests a page and reads it with read, if it is not nil. Any status but 200 is an
// error.
func get(ctx context.Context, url string, read func(io.Reader) error) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	return fetch(request, read)
}

// fetch sends a request and reads the answer as get does.
func fetch(request *http.Request, read func(io.Reader) error) error {
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", request.URL, response.Status)
	}
	if read == nil {
		return nil
	}
	return read(io.LimitReader(response.Body, mostBytes))
}

// mostBytes bounds a page of metrics; the page of a sidecar with one job has 100 KB.
const mostBytes = 16 << 20
