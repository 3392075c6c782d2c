package holder

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/api/routes"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// Mark stores what became of a finding.
func (h History) Mark(ctx context.Context, request api.MarkRequest) (episode.Mark, error) {
	return from(ctx, h, func(client *api.Client) (episode.Mark, error) {
		return client.Mark(ctx, request)
	}, func(store *history.Store) (episode.Mark, error) {
		return routes.Mark(store, request, time.Now())
	})
}

// Triage stores whether a change point is real.
func (h History) Triage(ctx context.Context, request api.TriageRequest) (episode.Triage, error) {
	return from(ctx, h, func(client *api.Client) (episode.Triage, error) {
		return client.Triage(ctx, request)
	}, func(store *history.Store) (episode.Triage, error) {
		request.Block = h.blockOr(request.Block)
		return routes.Triage(store, request, time.Now())
	})
}

// Import stores numbers that were measured elsewhere as a new run. The file is made if it is
// missing.
func (h History) Import(ctx context.Context, request api.ImportRequest) (receipt api.ImportReceipt, err error) {
	err = h.with(ctx, true, func(client *api.Client) (err error) {
		receipt, err = client.Import(ctx, request)
		return err
	}, func(store *history.Store) (err error) {
		receipt, err = routes.Import(store, request, time.Now())
		return err
	})
	return receipt, err
}

// importEntries calls put with a function that stores entries of another history. The file is made if it
// is missing.
func (h History) importEntries(
	ctx context.Context, put func(func(api.EntriesRequest) (api.EntriesReceipt, error)) error,
) error {
	return h.with(ctx, true, func(client *api.Client) error {
		return put(func(r api.EntriesRequest) (api.EntriesReceipt, error) { return client.ImportEntries(ctx, r) })
	}, func(store *history.Store) error {
		return put(func(r api.EntriesRequest) (api.EntriesReceipt, error) {
			return routes.ImportEntries(store, r, time.Now())
		})
	})
}

// Backup copies the history into a new file, and returns its size in bytes.
func (h History) Backup(ctx context.Context, file string) (size int64, err error) {
	return from(ctx, h, func(client *api.Client) (int64, error) {
		return history.WriteBackup(file, func(w io.Writer) (int64, error) { return client.Backup(ctx, w) })
	}, func(store *history.Store) (int64, error) {
		if err := store.Intact(); err != nil {
			return 0, err
		}
		return history.WriteBackup(file, store.Backup)
	})
}

// Compact writes the file anew without its unused space, and returns its size in bytes before and
// after. It is an error if a process holds the history.
func (h History) Compact(ctx context.Context) (before, after int64, err error) {
	if _, url, held, err := h.Holder(); err != nil {
		return 0, 0, err
	} else if held {
		return 0, 0, fmt.Errorf("the sidecar at %s uses the history (stop it, compact, and start it again)", url)
	}
	if err := h.usable(ctx, false); err != nil {
		return 0, 0, err
	}
	return history.Compact(ctx, h.Path, h.Log)
}
