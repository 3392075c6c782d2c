package main

import (
	"errors"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/history"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// list is a page that the product shows. It returns its number of entries.
type list struct {
	name  string
	often int
	read  func(random *rand.Rand) (int, error)
}

// times reads the list again and again, and returns the CPU time of each.
func (l list) times(random *rand.Rand) ([]time.Duration, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	took := make([]time.Duration, l.often)
	for i := range took {
		before, err := threadTime()
		if err != nil {
			return nil, err
		}
		n, err := l.read(random)
		if err == nil && n == 0 {
			err = errors.New("the list is empty")
		}
		if err != nil {
			return nil, err
		}
		after, err := threadTime()
		if err != nil {
			return nil, err
		}
		took[i] = after - before
	}
	return took, nil
}

// lists are what the page, the API and the commands ask for.
func (p past) lists(store *history.Store) []list {
	anyTime := func(r *rand.Rand) string {
		return idAt(start.Add(p.episodesEvery()*time.Duration(p.episodes/10+r.IntN(p.episodes*9/10))), 0)
	}
	vertex := func(r *rand.Rand) string { return vertices[r.IntN(len(vertices))] }
	job := func(r *rand.Rand) episode.JobRef { return episode.JobRef{Cluster: "lab", Job: jobName(r.IntN(jobs))} }
	return []list{
		{"newest 20 episodes", 1000, func(*rand.Rand) (int, error) {
			found, err := store.Episodes(episode.JobRef{}, "", 20)
			return len(found), err
		}},
		{"newest 20 episodes of a job", 1000, func(r *rand.Rand) (int, error) {
			found, err := store.Episodes(job(r), "", 20)
			return len(found), err
		}},
		{"20 episodes of a job before any time", 1000, func(r *rand.Rand) (int, error) {
			found, err := store.Episodes(job(r), anyTime(r), 20)
			return len(found), err
		}},
		{"20 episodes before any time", 1000, func(r *rand.Rand) (int, error) {
			found, err := store.Episodes(episode.JobRef{}, anyTime(r), 20)
			return len(found), err
		}},
		{"newest 20 episodes of a vertex", 1000, func(r *rand.Rand) (int, error) {
			found, err := store.VertexEpisodes(vertex(r), episode.JobRef{}, "", 20)
			return len(found), err
		}},
		{"newest 20 episodes of a vertex of a job", 1000, func(r *rand.Rand) (int, error) {
			found, err := store.VertexEpisodes(vertex(r), job(r), "", 20)
			return len(found), err
		}},
		{"20 episodes of a vertex of a job before any time", 1000, func(r *rand.Rand) (int, error) {
			found, err := store.VertexEpisodes(vertex(r), job(r), anyTime(r), 20)
			return len(found), err
		}},
		{"20 findings of a category of a job", 1000, func(r *rand.Rand) (n int, err error) {
			category := categories[r.IntN(len(categories))]
			err = store.Advised(job(r), "", func(e episode.Advised) bool {
				for _, f := range e.Findings {
					if f.Category == category {
						n++
					}
				}
				return n < 20
			})
			return n, err
		}},
		{"an hour of measurements", 1000, func(r *rand.Rand) (int, error) {
			from := start.Add(time.Duration(r.IntN(measurements-60)) * time.Minute)
			found, err := store.Measurements(episode.JobRef{}, "", from, from.Add(time.Hour), 100)
			return len(found), err
		}},
		{"newest 20 runs of scale tests", 1000, func(*rand.Rand) (int, error) {
			found, err := store.ScaleRuns(episode.JobRef{}, "", 20)
			return len(found), err
		}},
		{"table of the newest run of a job", 1000, func(r *rand.Rand) (int, error) {
			tests, err := api.StoredRun(store, job(r), "")
			return len(outcome.NewTable(tests).Rows), err
		}},
		{"table of any run, by its name", 1000, func(r *rand.Rand) (int, error) {
			run := r.IntN(p.tests / testsPerRun)
			tests, err := api.StoredRun(store, episode.JobRef{Cluster: "lab", Job: jobName(run % jobs)}, runName(run))
			return len(outcome.NewTable(tests).Rows), err
		}},
	}
}
