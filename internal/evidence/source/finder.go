package source

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Bounds of a search.
const (
	mostFrames   = 100 // that are looked for
	mostExcerpts = 8
	mostMethods  = 3 // of one frame: overloads
)

// Finder finds the code of frames. It is safe for concurrent use; searches go one after the other.
type Finder struct {
	roots  []Root
	limits limits
	mu     sync.Mutex
}

// New returns a finder in some roots. It opens nothing.
func New(roots []Root) *Finder { return &Finder{roots: roots, limits: defaultLimits} }

// Configured reports whether there is a root.
func (f *Finder) Configured() bool { return len(f.roots) > 0 }

// Find returns the code of frames, the first frames first, and a warning for each root that is
// not searched or not to its end. A frame that is in no root is left out: most are of libraries.
func (f *Finder) Find(ctx context.Context, frames []string) (found []evidence.Source, warnings []string) {
	if len(f.roots) == 0 || len(frames) == 0 {
		return nil, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, f.limits.time)
	defer cancel()
	var indexes []*index
	for _, root := range f.roots {
		x, warning := f.open(ctx, root)
		if warning != "" {
			warnings = append(warnings, warning)
		}
		if x != nil {
			indexes = append(indexes, x)
		}
	}
	found = find(ctx, indexes, frames)
	for _, x := range indexes {
		if !x.complete {
			warnings = append(warnings, fmt.Sprintf("the code of some frames may be missing: not all files of %s were read "+
				"(name the directory of the job's own sources in advisor.source)", x.root))
		}
		_ = x.Close()
	}
	return found, warnings
}

// open opens a root and lists its sources, and returns a warning if it is not searched or in part
// only.
func (f *Finder) open(ctx context.Context, root Root) (*index, string) {
	t, err := root.open()
	if err != nil {
		return nil, fmt.Sprintf("the code of frames is not searched in %s: %s", root, withAdvice(err))
	}
	x, err := newIndex(ctx, root, t, f.limits)
	switch {
	case err != nil:
		return x, fmt.Sprintf("the code of frames is searched in a part of %s only: %v (name the directory of the job's "+
			"own sources in advisor.source)", root, err)
	case len(x.sources) == 0:
		return x, fmt.Sprintf("%s has no file that ends in .java, .kt or .scala (correct advisor.source)", root)
	}
	return x, ""
}

// withAdvice adds what to do to an error that does not say it.
func withAdvice(err error) string {
	if text := err.Error(); strings.HasSuffix(text, ")") {
		return text
	}
	return err.Error() + " (correct advisor.source)"
}

// find takes each frame from the first root that has it.
func find(ctx context.Context, indexes []*index, frames []string) []evidence.Source {
	var found []evidence.Source
	for _, frame := range frames[:min(len(frames), mostFrames)] {
		t, ok := parseFrame(frame)
		for _, x := range indexes {
			if !ok || len(found) == mostExcerpts || ctx.Err() != nil {
				break
			}
			excerpts := x.excerpts(ctx, frame, t)
			if len(excerpts) == 0 {
				continue
			}
			found = addNew(found, excerpts)
			break
		}
	}
	return found
}

// addNew adds excerpts that are not there yet: a lambda and its method are one.
func addNew(found, more []evidence.Source) []evidence.Source {
	for _, e := range more {
		known := slices.ContainsFunc(found, func(f evidence.Source) bool { return f.File == e.File && f.Line == e.Line })
		if !known && len(found) < mostExcerpts {
			found = append(found, e)
		}
	}
	return found
}

// excerpts returns the methods of a target in the first file that has some.
func (x *index) excerpts(ctx context.Context, frame string, t target) []evidence.Source {
	for _, file := range x.files(ctx, t) {
		c, err := x.code(file)
		if err != nil {
			continue
		}
		var found []evidence.Source
		for _, at := range c.methods(t) {
			if len(found) < mostMethods {
				found = append(found, evidence.Source{
					Frame: strings.ReplaceAll(frame, "/", "."), File: evidence.Clean(file, evidence.MaxSubject),
					Line: c.number(at.from), Code: c.excerpt(at.span),
				})
			}
		}
		if len(found) > 0 {
			return found
		}
	}
	return nil
}
