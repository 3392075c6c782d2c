// Package holder reads and writes a history wherever it is open. The process that has a history
// open holds it and answers through its API. Where no process does, the file is opened for the
// time of a call.
package holder

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"

	commoncfg "github.com/prometheus/common/config"
	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/redirect"
)

// History is a history, and where its holder is looked for.
type History struct {
	// URL is the address of the holder. Empty is the one that the owner file beside Path names.
	URL string
	// Path is the file of the history.
	Path string
	// Client configures the connection to the holder.
	Client commoncfg.HTTPClientConfig
	// Block is the length of a block of standing measurements where a command names none and no
	// process holds the history; 0 is 30m.
	Block model.Duration
	// RegressionPercent is from how many percent a figure is worse in a comparison; 0 is 20.
	RegressionPercent float64
	Log               *slog.Logger
}

// Holder returns a client of the sidecar that holds the history, and its address. found is false
// if no process holds it.
func (h History) Holder() (client *api.Client, url string, found bool, err error) {
	if url = h.URL; url == "" {
		owner, running, err := history.FindOwner(h.Path)
		if err != nil || !running {
			return nil, "", false, err
		}
		url = owner.URL
	}
	web, err := commoncfg.NewClientFromConfig(h.Client, "sidecar")
	if err != nil {
		return nil, "", false, fmt.Errorf("web.client: %w (correct it)", err)
	}
	web.Transport = hinting{web.Transport}
	if h.Client.FollowRedirects {
		web.CheckRedirect = redirect.SameHost
	}
	client, err = api.NewClient(url, web)
	return client, url, err == nil, err
}

// Running is [History.Holder] for work that only a running sidecar can do: without one it is an error.
func (h History) Running() (client *api.Client, url string, err error) {
	client, url, running, err := h.Holder()
	if err == nil && !running {
		err = fmt.Errorf("no running sidecar has the history %s open "+
			"(start one with sidecar run, or name its history with --history.path)", h.Path)
	}
	return client, url, err
}

// with calls one of two functions with the history: remote if a process holds it, local with the
// file if none does. Without create the file must exist.
func (h History) with(
	ctx context.Context, create bool, remote func(*api.Client) error, local func(*history.Store) error,
) error {
	client, _, held, err := h.Holder()
	if err != nil {
		return err
	}
	if held {
		return remote(client)
	}
	if err := h.usable(ctx, create); err != nil {
		return err
	}
	cfg := history.DefaultConfig()
	cfg.Path = h.Path
	store, err := history.Open(ctx, cfg, h.Log)
	if err != nil {
		return err
	}
	if memory, why := store.Memory(); memory {
		return errors.Join(fmt.Errorf("the history cannot be written: %s (name a writable path with --history.path)", why),
			store.Close())
	}
	return errors.Join(local(store), store.Close())
}

// usable returns why the file cannot be used as it is. A command sets no damaged file aside, and
// begins a new history only with create.
func (h History) usable(ctx context.Context, create bool) error {
	info, err := os.Stat(h.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && create:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no history at %s (sidecar run creates one; --history.path names another)", h.Path)
	case err != nil:
		return fmt.Errorf("the history cannot be read: %w (give this user the right to it)", err)
	case info.IsDir():
		return fmt.Errorf("%s is a directory (name the file of the history with --history.path)", h.Path)
	case info.Size() == 0 && !create:
		return fmt.Errorf("the history at %s is empty (sidecar run begins one in it; --history.path names another)", h.Path)
	}
	err = history.Inspect(ctx, h.Path)
	at, unreadable := errors.AsType[*fs.PathError](err)
	switch {
	case err == nil, ctx.Err() != nil, errors.Is(err, history.ErrNewer), errors.Is(err, history.ErrForeign):
		return nil // Open says so
	case unreadable:
		return fmt.Errorf("the history cannot be read: %w (give this user the right to it)", at)
	}
	return fmt.Errorf("the history at %s: %w (start the sidecar: it sets the file aside and begins a new history)",
		h.Path, err)
}

// from is [History.with] for functions with a result. The file must exist.
func from[T any](
	ctx context.Context, h History, remote func(*api.Client) (T, error), local func(*history.Store) (T, error),
) (result T, err error) {
	err = h.with(ctx, false, func(client *api.Client) (err error) {
		result, err = remote(client)
		return err
	}, func(store *history.Store) (err error) {
		result, err = local(store)
		return err
	})
	return result, err
}
