package stack

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

const stateName = "stack.json"

// State says what runs where. It is written to stack.json when the stack is ready, kept
// up to date, and removed when the stack stops: for scripts, tests and the sidecar's
// demo configuration.
type State struct {
	PID              int            `json:"pid"` // of the launcher
	Dir              string         `json:"dir"`
	FlinkURL         string         `json:"flink_url"`
	FlinkReporters   []string       `json:"flink_reporters"` // Flink's own metrics for Prometheus, of each process
	KafkaBrokers     []string       `json:"kafka_brokers"`
	ElasticsearchURL string         `json:"elasticsearch_url"`
	PrometheusURL    string         `json:"prometheus_url"`     // empty when the stack has none
	AlertmanagerURL  string         `json:"alertmanager_url"`   // empty when the stack has none
	GrafanaURL       string         `json:"grafana_url"`        // of the stand-in: annotations only
	GrafanaTokenFile string         `json:"grafana_token_file"` // the token of an Editor
	LookupURL        string         `json:"lookup_url"`
	Promtool         string         `json:"promtool"` // path; empty when there is none
	JobJar           string         `json:"job_jar"`  // empty until a job was submitted
	JobID            string         `json:"job_id"`   // the job last submitted
	Services         []ServiceState `json:"services"`
}

// ServiceState is a service in State.
type ServiceState struct {
	Name string `json:"name"`
	PID  int    `json:"pid"`  // 0 when it does not run; the launcher's own for what runs inside it
	Port int    `json:"port"` // 0 when it has none
	Log  string `json:"log"`  // empty for what runs inside the launcher
}

// ReadState returns the state of the stack in a data directory. The error says what to
// do when none is ready there.
func ReadState(dir string) (State, error) {
	layout, err := NewLayout(dir)
	if err != nil {
		return State{}, err
	}
	text, err := os.ReadFile(layout.In(stateName))
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, fmt.Errorf("no stack is ready in %s (start one with: local up --dir=%s)", layout.Dir, dir)
	}
	if err != nil {
		return State{}, err
	}
	var state State
	if err := json.Unmarshal(text, &state); err != nil {
		return State{}, fmt.Errorf("%s: %w", layout.In(stateName), err)
	}
	return state, nil
}

func (l Layout) writeState(state State) error {
	text, err := json.MarshalIndent(state, "", "  ")
	if err != nil {
		return err
	}
	return l.replace(stateName, append(text, '\n'))
}

// state describes this stack; mu is held.
func (s *Stack) state() State {
	state := State{
		PID:      os.Getpid(),
		Dir:      s.layout.Dir,
		FlinkURL: httpURL(s.ports.Flink),
		FlinkReporters: []string{
			httpURL(s.ports.JobManagerMetrics) + "/metrics",
			httpURL(s.ports.TaskManagerMetrics[0]) + "/metrics",
			httpURL(s.ports.TaskManagerMetrics[1]) + "/metrics",
		},
		KafkaBrokers:     s.brokers(),
		ElasticsearchURL: httpURL(s.ports.Elasticsearch),
		GrafanaURL:       httpURL(s.ports.Grafana),
		GrafanaTokenFile: s.layout.In(grafanaToken),
		LookupURL:        s.lookupURL(),
		Promtool:         s.tools.promtool,
		JobJar:           s.job.jar,
		JobID:            s.job.id,
	}
	for _, service := range s.services.Status() {
		if service.State == supervisor.Absent {
			continue
		}
		switch service.Name {
		case "prometheus":
			state.PrometheusURL = httpURL(service.Port)
		case "alertmanager":
			state.AlertmanagerURL = httpURL(service.Port)
		}
		state.Services = append(state.Services, ServiceState{
			Name: service.Name, PID: service.PID, Port: service.Port, Log: service.Log,
		})
	}
	return state
}

// State describes this stack, ready or not.
func (s *Stack) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state()
}

// Services returns what is known of each service, in the order of the table.
func (s *Stack) Services() []supervisor.Status { return s.services.Status() }
