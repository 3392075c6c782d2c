package main

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"

	commoncfg "github.com/prometheus/common/config"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/app"
	"github.com/flink-sidecar/flink-sidecar/internal/config"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

// target is where a command looks for the running sidecar.
type target struct {
	// url is its address; empty means the sidecar that has the history open.
	url string
	// history is the path of the history.
	history string
	// client configures the connection.
	client commoncfg.HTTPClientConfig
}

// find returns a client of the running sidecar, and its address; false when none runs.
func (s target) find() (client *api.Client, url string, found bool, err error) {
	if url = s.url; url == "" {
		owner, running, err := history.FindOwner(s.history)
		if err != nil || !running {
			return nil, "", false, err
		}
		url = owner.URL
	}
	web, err := commoncfg.NewClientFromConfig(s.client, "sidecar")
	if err != nil {
		return nil, "", false, fmt.Errorf("web.client: %w (correct it)", err)
	}
	web.Transport = authHint{web.Transport}
	if s.client.FollowRedirects {
		web.CheckRedirect = redirect.SameHost
	}
	client, err = api.NewClient(url, web)
	return client, url, err == nil, err
}

// through is find, with a line on standard error about the use of the running sidecar.
func (s target) through(doing string, c console) (*api.Client, bool, error) {
	client, url, found, err := s.find()
	if found {
		fmt.Fprintf(c.stderr, "sidecar: %s through the running sidecar at %s\n", doing, url)
	}
	return client, found, err
}

// authHint adds advice to a refused login.
type authHint struct{ http.RoundTripper }

// RoundTrip implements http.RoundTripper.
func (g authHint) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := g.RoundTripper.RoundTrip(r)
	if unknown, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return nil, fmt.Errorf("the running sidecar's certificate: %w (set web.client.tls_config.ca_file, and "+
			"server_name if the certificate has another name, in the configuration of this command)", unknown)
	}
	if err == nil && answer.StatusCode == http.StatusUnauthorized {
		return nil, errors.Join(errors.New("the running sidecar asks for a password "+
			"(set web.client.basic_auth in the configuration of this command)"), answer.Body.Close())
	}
	return answer, err
}

// errStopped is why work ends when the sidecar beside it did.
var errStopped = errors.New("the sidecar of this command stopped")

// besides runs an App for the time of work, for a command that found no running sidecar.
func besides(
	ctx context.Context, cfg config.Config, c console, work func(context.Context, *app.App, *api.Client) error,
) error {
	// This process calls its own API while the work lasts: on loopback, and without the
	// certificate and the passwords of the standing sidecar.
	cfg.Web.ListenAddress, cfg.Web.ConfigFile = "127.0.0.1:0", ""
	app, err := app.New(ctx, cfg, app.Options{OnDemand: true}, quiet(ctx, c.log))
	if err != nil {
		return err
	}
	client, err := api.NewClient(app.URL(), nil)
	if err != nil {
		return errors.Join(err, app.Close())
	}
	// A sidecar that stops by itself ends the work, which would wait for it.
	running, stop := context.WithCancelCause(ctx)
	ended := make(chan error, 1)
	go func() {
		err := app.Run(running)
		stop(cmp.Or(err, errStopped))
		ended <- err
	}()
	err = work(running, app, client)
	stop(nil)
	return errors.Join(err, <-ended)
}
