// Package ondemand does the work of a command through a sidecar: the one that holds the history
// or, where none does, one that runs for the time of the work.
package ondemand

import (
	"cmp"
	"context"
	"errors"
	"log/slog"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/app"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/holder"
)

// Sidecar says which sidecar does the work.
type Sidecar struct {
	History holder.History
	// Found gets the address of the holder before the work begins. Its error ends the command.
	Found func(url string) error
	// Load returns the configuration of a sidecar of the command's own. It is called only where
	// no process holds the history.
	Load func() (config.Config, error)
	// Polled waits for the first poll of Flink before the work of a sidecar of the command's own.
	// It returns the name of a cluster, or "" for every cluster. nil waits for none.
	Polled func() string
	// Lasting is true for work that cleans up through the sidecar when it is cancelled. A sidecar
	// of the command's own then runs until the work has returned.
	Lasting bool
	Log     *slog.Logger
}

// Do calls work with a client of the sidecar.
func (s Sidecar) Do(ctx context.Context, work func(ctx context.Context, client *api.Client) error) error {
	client, url, held, err := s.History.Holder()
	if err != nil {
		return err
	}
	if held {
		if err := s.Found(url); err != nil {
			return err
		}
		return work(ctx, client)
	}
	cfg, err := s.Load()
	if err != nil {
		return err
	}
	if s.Lasting {
		return run(context.WithoutCancel(ctx), cfg, s.Log, func(own context.Context, a *app.App, client *api.Client) error {
			until, stop := context.WithCancel(ctx)
			defer stop()
			defer context.AfterFunc(own, stop)()
			return s.begin(until, a, client, work)
		})
	}
	return run(ctx, cfg, s.Log, func(own context.Context, a *app.App, client *api.Client) error {
		return s.begin(own, a, client, work)
	})
}

func (s Sidecar) begin(
	ctx context.Context, a *app.App, client *api.Client, work func(context.Context, *api.Client) error,
) error {
	if s.Polled != nil {
		if err := a.Await(ctx, s.Polled()); err != nil {
			return err
		}
	}
	return work(ctx, client)
}

// errStopped is why work ends when the sidecar of the command did.
var errStopped = errors.New("the sidecar of this command stopped")

// run runs a sidecar for the time of work.
func run(
	ctx context.Context, cfg config.Config, log *slog.Logger, work func(context.Context, *app.App, *api.Client) error,
) error {
	// This process calls its own API while the work lasts: on loopback, and without the
	// certificate and the passwords of the standing sidecar.
	cfg.Web.ListenAddress, cfg.Web.ConfigFile = "127.0.0.1:0", ""
	a, err := app.New(ctx, cfg, app.Options{OnDemand: true}, log)
	if err != nil {
		return err
	}
	client, err := api.NewClient(a.URL(), nil)
	if err != nil {
		return errors.Join(err, a.Close())
	}
	// A sidecar that stops by itself ends the work, which would wait for it.
	running, stop := context.WithCancelCause(ctx)
	ended := make(chan error, 1)
	go func() {
		err := a.Run(running)
		stop(cmp.Or(err, errStopped))
		ended <- err
	}()
	err = work(running, a, client)
	stop(nil)
	return errors.Join(err, <-ended)
}
