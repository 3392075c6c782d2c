package app

import (
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/doctor"
)

// hints are those of the doctor, as the page and the API show them.
func hints(c *config.Config) []api.Hint {
	var hints []api.Hint
	for _, h := range doctor.Hints(c) {
		if h.Line != "" {
			h.Adds += fmt.Sprintf(" (%s writes a first configuration)", h.Line)
		}
		hints = append(hints, api.Hint{Configure: h.Configure, Adds: h.Adds})
	}
	return hints
}
