package stack

import (
	"context"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/ports"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/process"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/standin"
	"github.com/flink-sidecar/flink-sidecar/deploy/local/supervisor"
)

// grafanaToken is the path of the token for clients of the stand-in for Grafana.
const grafanaToken = standin.Name + "/token"

// grafanaStandIn replaces Grafana, inside the launcher.
func (s *Stack) grafanaStandIn() supervisor.Service {
	row := s.Row(standin.Name, s.ports.Grafana)
	row.Log = ""
	row.Launch = func(context.Context) (*process.Process, error) {
		if err := s.layout.Write(grafanaToken, s.grafana.Token()+"\n"); err != nil {
			return nil, err
		}
		return process.Inside(standin.Name, func(ctx context.Context) error {
			return s.grafana.Run(ctx, ports.Loopback(s.ports.Grafana))
		}), nil
	}
	row.Ready = func(ctx context.Context) error {
		return fetch(ctx, "GET", httpURL(s.ports.Grafana)+"/api/health", "", nil)
	}
	return row
}
