package holder

import (
	"context"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// Samples calls each with the samples of the signals that are kept since a time, oldest first: pages in
// the format of alerts/recorded.
func (h History) Samples(ctx context.Context, since time.Time, each func(page []byte) error) error {
	return h.with(ctx, false, func(client *api.Client) error {
		return eachPage(each, func(after string) ([][]byte, string, error) {
			list, err := client.Samples(ctx, since, after)
			return list.Pages, list.Next, err
		})
	}, func(store *history.Store) error {
		return eachPage(each, func(after string) ([][]byte, string, error) { return store.AllPages(since, after) })
	})
}

func eachPage(each func([]byte) error, ask func(after string) ([][]byte, string, error)) error {
	for after := ""; ; {
		pages, next, err := ask(after)
		if err != nil {
			return err
		}
		for _, page := range pages {
			if err := each(page); err != nil {
				return err
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
}
