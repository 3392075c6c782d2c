package plans

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/flink-sidecar/flink-sidecar/internal/advise"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/collect"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/source"
)

// Bundles gathers the evidence of episodes and keeps it: what an episode was judged by can be
// read later, when the job has another state.
type Bundles struct {
	Gatherer *collect.Gatherer
	Sources  *source.Finder
	Store    *bundlefile.Store
	Log      *slog.Logger
}

// gather gathers the bundle of an episode and keeps it. A bundle that cannot be kept is judged
// all the same.
func (b *Bundles) gather(ctx context.Context, ep episode.Episode) evidence.Bundle {
	bundle := b.present(ctx, ep)
	files, err := bundlefile.Pack(bundle)
	if err == nil {
		err = b.Store.Put(ep.ID, files)
	}
	if err != nil {
		b.Log.Warn("The evidence of an episode is not kept", "episode", ep.ID, "err", err)
		return bundle
	}
	b.Log.Debug("The evidence of an episode is kept", "episode", ep.ID, "sha256", files.Hash())
	return bundle
}

// present gathers a bundle now, with the code of the frames that its advice is about.
func (b *Bundles) present(ctx context.Context, ep episode.Episode) evidence.Bundle {
	bundle := b.Gatherer.Gather(ctx, ep)
	advise.AddSources(ctx, b.Sources, &bundle)
	return bundle
}

// of returns the kept bundle of an episode or, if there is none, one of the present state.
func (b *Bundles) of(ctx context.Context, ep episode.Episode) (evidence.Bundle, error) {
	bundle, err := b.Store.Read(ep.ID)
	if errors.Is(err, bundlefile.ErrMissing) {
		return b.present(ctx, ep), nil
	}
	if err != nil {
		return bundle, fmt.Errorf("the kept evidence of episode %s: %w", ep.ID, err)
	}
	return bundle, nil
}

// Bundle implements routes.Bundles.
func (b *Bundles) Bundle(ctx context.Context, ep episode.Episode) (map[string][]byte, error) {
	files, err := b.Store.Files(ep.ID)
	if errors.Is(err, bundlefile.ErrMissing) {
		files, err = bundlefile.Pack(b.present(ctx, ep))
	}
	return files, err
}
