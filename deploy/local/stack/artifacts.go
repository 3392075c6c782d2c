package stack

import (
	"context"
	"fmt"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/jars"
)

// artifactCache holds the builds of the services. It is filled in the background, one
// project after the other (see jars.Cache), while services with finished projects already
// start. A project does not change during the life of a stack.
type artifactCache struct {
	cache  jars.Cache
	report func(service, event string)

	mu    sync.Mutex
	items map[string]*item
}

// item is one requested project.
type item struct {
	done chan struct{} // closed when dir and err are set
	dir  string
	err  error
}

func newArtifactCache(cache jars.Cache, report func(service, event string)) *artifactCache {
	return &artifactCache{cache: cache, report: report, items: map[string]*item{}}
}

// fill resolves the projects in their order. The returned channel is closed at the end.
func (s *artifactCache) fill(ctx context.Context, projects []jars.Project) <-chan struct{} {
	for _, project := range projects {
		s.item(project.Name)
	}
	filled := make(chan struct{})
	go func() {
		defer close(filled)
		for _, project := range projects {
			item := s.item(project.Name)
			item.dir, item.err = s.resolve(ctx, project)
			close(item.done)
		}
	}()
	return filled
}

// resolve reports that a project takes a while, if it does.
func (s *artifactCache) resolve(ctx context.Context, project jars.Project) (string, error) {
	_, built, err := s.cache.Find(project)
	if err == nil && !built {
		s.report("jars", fmt.Sprintf("fetching %s, which is new or has changed", project.Name))
	}
	return s.cache.Resolve(ctx, project)
}

// get waits until the project of that name is ready.
func (s *artifactCache) get(ctx context.Context, name string) (dir string, err error) {
	item := s.item(name)
	select {
	case <-item.done:
		return item.dir, item.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func (s *artifactCache) item(name string) *item {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.items[name] == nil {
		s.items[name] = &item{done: make(chan struct{})}
	}
	return s.items[name]
}
