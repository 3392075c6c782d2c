package stack

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

// monitoring are the programs of the Prometheus packages; empty where there is none.
type monitoring struct {
	prometheus, alertmanager, promtool string
	// dir is the directory in which they must run, see jars.Workshop.Prometheus.
	dir string
}

// prometheus scrapes Flink's own reporters, and the targets in prometheus/targets.
func (s *Stack) prometheus() supervisor.Service {
	row := s.Row("prometheus", s.ports.Prometheus)
	row.Prepare = func(ctx context.Context) error {
		tools, err := s.findMonitoring(ctx)
		return absentWithout(tools.prometheus, err)
	}
	row.Launch = func(context.Context) (*process.Process, error) {
		if err := s.layout.Write("prometheus/prometheus.yml", s.prometheusConfig()); err != nil {
			return nil, err
		}
		return s.launchMonitoring("prometheus", []string{
			s.monitoring().prometheus,
			"--config.file=" + s.layout.In("prometheus", "prometheus.yml"),
			"--storage.tsdb.path=" + s.layout.In("prometheus", "data"),
			"--storage.tsdb.retention.time=1d",
			"--web.listen-address=" + ports.Loopback(s.ports.Prometheus),
			"--web.external-url=" + httpURL(s.ports.Prometheus),
			"--web.enable-lifecycle", // so that rules can be added while it runs
			// Right after a reload Prometheus knows no Alertmanager, and an alert that
			// fires then would wait a minute to be sent again.
			"--rules.alert.resend-delay=5s",
		})
	}
	row.Ready = func(ctx context.Context) error {
		return fetch(ctx, "GET", httpURL(s.ports.Prometheus)+"/-/ready", "", nil)
	}
	return row
}

// alertmanager takes Prometheus' alerts and sends them to the webhook, if there is one.
func (s *Stack) alertmanager() supervisor.Service {
	row := s.Row("alertmanager", s.ports.Alertmanager)
	row.Prepare = func(ctx context.Context) error {
		tools, err := s.findMonitoring(ctx)
		return absentWithout(tools.alertmanager, err)
	}
	row.Launch = func(context.Context) (*process.Process, error) {
		if err := s.layout.Write("alertmanager/alertmanager.yml",
			alertmanagerConfig(s.options.WebhookURL)); err != nil {
			return nil, err
		}
		return s.launchMonitoring("alertmanager", []string{
			s.monitoring().alertmanager,
			"--config.file=" + s.layout.In("alertmanager", "alertmanager.yml"),
			"--storage.path=" + s.layout.In("alertmanager", "data"),
			"--web.listen-address=" + ports.Loopback(s.ports.Alertmanager),
			"--web.external-url=" + httpURL(s.ports.Alertmanager),
			"--cluster.listen-address=", // or it gossips on all interfaces
		})
	}
	row.Ready = func(ctx context.Context) error {
		return fetch(ctx, "GET", httpURL(s.ports.Alertmanager)+"/-/ready", "", nil)
	}
	return row
}

func (s *Stack) launchMonitoring(name string, argv []string) (*process.Process, error) {
	spec := s.Spec(name, argv)
	spec.Dir = s.monitoring().dir
	return process.Start(spec)
}

func (s *Stack) monitoring() monitoring {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tools
}

// findMonitoring takes the programs from Debian's packages or, where there are none, from
// PATH. The error says why there are no packages.
func (s *Stack) findMonitoring(ctx context.Context) (monitoring, error) {
	dir, err := s.shelf.get(ctx, "prometheus")
	if ctx.Err() != nil {
		return monitoring{}, ctx.Err()
	}
	tools := monitoring{
		prometheus:   onPath("prometheus"),
		alertmanager: onPath("prometheus-alertmanager", "alertmanager"),
		promtool:     onPath("promtool"),
		dir:          s.layout.Dir,
	}
	if err == nil {
		tools = monitoring{
			prometheus:   filepath.Join(dir, "usr", "bin", "prometheus"),
			alertmanager: filepath.Join(dir, "usr", "bin", "prometheus-alertmanager"),
			promtool:     filepath.Join(dir, "usr", "bin", "promtool"),
			dir:          dir,
		}
		if _, missing := os.Stat(tools.promtool); missing != nil {
			tools.promtool = ""
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tools = tools
	return tools, err
}

// absentWithout is nil when the program exists. The stack also works without monitoring.
func absentWithout(program string, err error) error {
	if program != "" {
		return nil
	}
	if errors.Is(err, context.Canceled) {
		return err
	}
	return fmt.Errorf("%w: neither as a Debian package nor on PATH (%w)", supervisor.ErrAbsent, err)
}

func onPath(names ...string) string {
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func (s *Stack) prometheusConfig() string {
	return fmt.Sprintf(`global:
  scrape_interval: 5s
  evaluation_interval: 5s
rule_files:
  - %[1]q
alerting:
  alertmanagers:
    - static_configs:
        - targets: [%[2]q]
scrape_configs:
  # Flink's own reporter, one port per process.
  - job_name: flink
    static_configs:
      - targets: [%[3]q]
        labels: {process: jobmanager}
      - targets: [%[4]q]
        labels: {process: taskmanager-1}
      - targets: [%[5]q]
        labels: {process: taskmanager-2}
  # Whoever comes later writes a file like [{"targets": ["127.0.0.1:1234"], "labels": {"job": "flink-sidecar"}}].
  # It keeps the labels job and cluster of what it exports, as docs/operations.md has it.
  - job_name: added
    honor_labels: true
    file_sd_configs:
      - files: [%[6]q]
        refresh_interval: 5s
`,
		s.layout.In("prometheus", "rules", "*.yml"), ports.Loopback(s.ports.Alertmanager),
		ports.Loopback(s.ports.JobManagerMetrics),
		ports.Loopback(s.ports.TaskManagerMetrics[0]), ports.Loopback(s.ports.TaskManagerMetrics[1]),
		s.layout.In("prometheus", "targets", "*.json"))
}

// alertmanagerConfig groups and waits little: on a local stack a person is watching.
func alertmanagerConfig(webhook string) string {
	const config = `route:
  receiver: %[1]s
  group_by: [alertname]
  group_wait: 1s
  group_interval: 5s
  repeat_interval: 1h
receivers:
  - name: %[1]s
`
	if webhook == "" {
		return fmt.Sprintf(config, "nobody")
	}
	return fmt.Sprintf(config+"    webhook_configs:\n      - url: %[2]q\n        send_resolved: true\n        max_alerts: 10000\n", "webhook",
		webhook)
}
