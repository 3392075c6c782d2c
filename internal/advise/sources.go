package advise

import (
	"context"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/advisor"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/source"
)

// AddSources adds the code of the frames that the advice about a bundle has in its evidence:
// those of findings first, in their order, then the most frequent ones.
func AddSources(ctx context.Context, sources *source.Finder, bundle *evidence.Bundle) {
	if bundle.SourcesSearched || !sources.Configured() {
		return
	}
	found, warnings := sources.Find(ctx, advisor.Frames(advisor.Rules(*bundle)))
	bundle.Sources, bundle.SourcesSearched = found, true
	bundle.Warnings = append(slices.Clip(bundle.Warnings), warnings...)
	*bundle = bundle.Redacted() // as a written bundle is, so that its advice is the same
}

// Sources returns the finder of a configuration.
func Sources(cfg advisor.Config) *source.Finder {
	roots := make([]source.Root, len(cfg.Source))
	for i, r := range cfg.Source {
		roots[i] = source.Root{Dir: r.Dir, Git: r.Git, Ref: r.Ref, Jar: r.Jar}
	}
	return source.New(roots)
}
