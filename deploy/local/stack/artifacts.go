package stack

import (
	"context"
	"fmt"
	"sync"

	"github.com/flink-sidecar/flink-sidecar/deploy/local/jars"
)

// artifactCache holds what the services run from. It is filled in the background, one project
// after the other (see jars.Cache), while services whose projects are there already
// start; and what is on it stays the same for the life of a stack.
type artifactCache struct {
	cache  jars.Cache
	report func(service, event string)

	mu    sync.Mutex
	items map[string]*item
}

// item is one project, from the moment it is wanted.
type item struct {
	done chan struct{} // closed when dir and err are set
	dir  string
	err  error
}

func newArtifactCache(cache jars.Cache, report func(service, event string)) *artifactCache {
	return &artifactCache{cache: cache, report: report, items: map[string]*item{}}
}

// fill resolves the projects in their order. What it returns is closed at the end.
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

// resolve says that it will take a while when it will.
func (s *artifactCache) resolve(ctx context.Context, project jars.Project) (string, error) {
	_, built, err := s.cache.Find(project)
	if err == nil && !built {
		s.report("jars", fmt.Sprintf("getting %s, which is new or has changed", project.Name))
	}
	return s.cache.Resolve(ctx, project)
}

// get waits until the project of that name is there.
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
