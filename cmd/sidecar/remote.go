package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// throughSidecar returns a client of the sidecar that holds the history at path;
// false when none does.
func throughSidecar(path, doing string, c console) (*api.Client, bool, error) {
	owner, running, err := history.FindOwner(path)
	if err != nil || !running {
		return nil, false, err
	}
	fmt.Fprintf(c.stderr, "sidecar: %s through the running sidecar at %s (process %d)\n", doing, owner.URL, owner.PID)
	client, err := api.NewClient(owner.URL, http.DefaultClient)
	return client, err == nil, err
}

// besides runs an App for as long as work takes, for a command that found no
// running sidecar.
func besides(ctx context.Context, cfg Config, c console, work func(context.Context, *App) error) error {
	// This process talks to itself, for as long as the work takes: on loopback, and
	// without the certificate and the passwords of the standing sidecar.
	cfg.Web.ListenAddress, cfg.Web.ConfigFile = "127.0.0.1:0", ""
	app, err := New(ctx, cfg, Options{OnDemand: true}, quiet(ctx, c.log))
	if err != nil {
		return err
	}
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- app.Run(running) }()
	err = work(ctx, app)
	stop()
	return errors.Join(err, <-ended)
}
