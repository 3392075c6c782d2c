package collect

import (
	"context"
	"sync"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/snapshot"
)

// answers caches Flink's answers since the last poll of each cluster. Many alerts at once
// open many episodes of one job. These episodes share the answers, so the JobManager gets
// each request once per poll and not once per episode.
type answers struct {
	mu   sync.Mutex
	held map[string]*clusterAnswers // by cluster
}

// clusterAnswers belong to one poll of a cluster.
type clusterAnswers struct {
	polled time.Time
	held   map[string]*answer // by question
}

// answer is requested by the first caller; other callers wait for it.
type answer struct {
	once  sync.Once
	value any
	err   error
	// gone is true if the caller that asked had no time left.
	gone bool
}

// once returns the answer to a question about a cluster; a question about a job names the
// job. It calls ask at most once per poll. After an error the next caller asks again, and
// so does one that waited for a caller whose context ended.
func once[T any](ctx context.Context, a *answers, state snapshot.State, question string, ask func() (T, error)) (T, error) {
	held := a.get(state, question)
	asked := false
	held.once.Do(func() {
		asked = true
		held.value, held.err = ask()
		held.gone = ctx.Err() != nil
	})
	if held.err != nil {
		a.drop(state, question, held)
		if !asked && held.gone && ctx.Err() == nil {
			return once(ctx, a, state, question, ask)
		}
		var none T
		return none, held.err
	}
	return held.value.(T), nil
}

func (a *answers) get(state snapshot.State, question string) *answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	of := a.held[state.Cluster.Name]
	if of == nil || !of.polled.Equal(state.Cluster.Polled) {
		of = &clusterAnswers{polled: state.Cluster.Polled, held: map[string]*answer{}}
		if a.held == nil {
			a.held = map[string]*clusterAnswers{}
		}
		a.held[state.Cluster.Name] = of
	}
	if of.held[question] == nil {
		of.held[question] = &answer{}
	}
	return of.held[question]
}

func (a *answers) drop(state snapshot.State, question string, failed *answer) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if of := a.held[state.Cluster.Name]; of != nil && of.held[question] == failed {
		delete(of.held, question)
	}
}
