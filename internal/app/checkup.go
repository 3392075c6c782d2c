package app

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/doctor"
	"github.com/flink-sidecar/flink-sidecar/internal/doctor/checkup"
	"github.com/flink-sidecar/flink-sidecar/internal/flink"
)

// openCheckup prepares the checks of sidecar doctor that the running sidecar repeats.
func (a *App) openCheckup() error {
	clients := map[string]*flink.Client{}
	for _, c := range a.clusters {
		clients[c.Name()] = c.Flink
	}
	options := doctor.Options{File: a.options.ConfigFile, Clients: clients, Running: true, Arrived: a.webhook.Arrived}
	a.checkup = checkup.New(func(ctx context.Context) doctor.Report {
		return doctor.Examine(ctx, *a.inUse.Load(), options)
	}, time.Now, a.log)
	a.registry.MustRegister(a.checkup)
	return nil
}
