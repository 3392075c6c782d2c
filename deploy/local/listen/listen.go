// Package listen serves HTTP for as long as a context lasts, for the services inside the
// launcher.
package listen

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Serve serves on address (host:port) until ctx is done, then waits at most grace for
// open requests. ready is called once the service listens.
func Serve(ctx context.Context, address string, handler http.Handler, grace time.Duration, ready func()) error {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 5 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	ready()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	patience, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if err := server.Shutdown(patience); err != nil {
		_ = server.Close() // its clients do not stop: close anyway
	}
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
