package app

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

// bundles gathers the evidence of episodes and keeps it: what an episode was judged by can be
// read later, when the job has another state.
type bundles struct {
	gatherer *collect.Gatherer
	sources  *source.Finder
	store    *bundlefile.Store
	log      *slog.Logger
}

// gather gathers the bundle of an episode and keeps it. A bundle that cannot be kept is judged
// all the same.
func (b *bundles) gather(ctx context.Context, ep episode.Episode) evidence.Bundle {
	bundle := b.present(ctx, ep)
	files, err := bundlefile.Pack(bundle)
	if err == nil {
		err = b.store.Put(ep.ID, files)
	}
	if err != nil {
		b.log.Warn("The evidence of an episode is not kept", "episode", ep.ID, "err", err)
		return bundle
	}
	b.log.Debug("The evidence of an episode is kept", "episode", ep.ID, "sha256", files.Hash())
	return bundle
}

// present gathers a bundle now, with the code of the frames that its advice is about.
func (b *bundles) present(ctx context.Context, ep episode.Episode) evidence.Bundle {
	bundle := b.gatherer.Gather(ctx, ep)
	advise.AddSources(ctx, b.sources, &bundle)
	return bundle
}

// of returns the kept bundle of an episode or, if there is none, one of the present state.
func (b *bundles) of(ctx context.Context, ep episode.Episode) (evidence.Bundle, error) {
	bundle, err := b.store.Read(ep.ID)
	if errors.Is(err, bundlefile.ErrMissing) {
		return b.present(ctx, ep), nil
	}
	if err != nil {
		return bundle, fmt.Errorf("the kept evidence of episode %s: %w", ep.ID, err)
	}
	return bundle, nil
}

// Bundle implements api.Bundles.
func (b *bundles) Bundle(ctx context.Context, ep episode.Episode) (map[string][]byte, error) {
	files, err := b.store.Files(ep.ID)
	if errors.Is(err, bundlefile.ErrMissing) {
		files, err = bundlefile.Pack(b.present(ctx, ep))
	}
	return files, err
}
