package plugin

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// The number of rows of an answer, where the query does not say, and at most.
const (
	defaultRows = 1000
	maxRows     = 10_000
	// pageRows is the most that the sidecar lists at a time.
	pageRows = 1000
	// maxJobs bounds the jobs that a query may name: each is asked for.
	maxJobs = 50
)

// query is one query, as the query editor stores it. Its fields are filters; empty is any.
type query struct {
	Type    string `json:"-"`
	Cluster string `json:"cluster"`
	Job     string `json:"job"`
	// Clusters and Jobs are set in their place where several are chosen.
	Clusters []string `json:"clusters"`
	Jobs     []string `json:"jobs"`
	Category string   `json:"category"`
	Severity string   `json:"severity"`
	Mode     string   `json:"mode"`
	// Kind is that of measurements, window or round.
	Kind string `json:"kind"`
	// Run is that of scale tests; empty is the newest.
	Run string `json:"run"`
	// Episode is an id.
	Episode string `json:"episode"`
	// Seed is that of a record of the probe, as exemplars have it. Outcome is one of a record.
	Seed    string `json:"seed"`
	Outcome string `json:"outcome"`
	// Hash names a profile, Other the one to compare with it.
	Hash  string `json:"hash"`
	Other string `json:"other"`
	// Limit bounds the rows, Frames the frames of a flame graph; 0 is a default.
	Limit  int `json:"limit"`
	Frames int `json:"frames"`

	// ForAlert is set for a query of an alert rule.
	ForAlert bool `json:"-"`

	From time.Time `json:"-"`
	To   time.Time `json:"-"`
}

func readQuery(q backend.DataQuery) (parsed query, err error) {
	if len(q.JSON) > 0 {
		if err := json.Unmarshal(q.JSON, &parsed); err != nil {
			return parsed, fmt.Errorf("the query cannot be read: %w (write it anew)", err)
		}
	}
	for _, id := range []string{parsed.Hash, parsed.Other, parsed.Episode} {
		if id == "." || id == ".." { // a step in a path, which no escape prevents
			return parsed, fmt.Errorf("%q is no id (choose one in the query editor)", id)
		}
	}
	if n := len(parsed.refs()); n > maxJobs {
		return parsed, fmt.Errorf("%d jobs are chosen, more than %d (choose fewer, or give the variable the custom value .+ for All)", n, maxJobs)
	}
	parsed.Type, parsed.From, parsed.To = q.QueryType, q.TimeRange.From, q.TimeRange.To
	if parsed.Limit <= 0 {
		parsed.Limit = defaultRows
	}
	parsed.Limit = min(parsed.Limit, maxRows)
	return parsed, nil
}

// refs are the jobs that a query asks for: each chosen job in each chosen cluster.
func (q query) refs() (all []episode.JobRef) {
	for _, cluster := range severalOr(q.Cluster, q.Clusters) {
		for _, job := range severalOr(q.Job, q.Jobs) {
			all = append(all, episode.JobRef{Cluster: cluster, Job: job})
		}
	}
	return all
}

func severalOr(one string, several []string) []string {
	if len(several) == 0 {
		return []string{one}
	}
	return several
}

// takes reports whether a query asks for a job.
func (q query) takes(job episode.JobRef) bool {
	return slices.ContainsFunc(q.refs(), func(of episode.JobRef) bool { return of.Takes(job) })
}

// lister reads a page of the rows of a job. next is what to pass as before for the page that follows,
// empty at the end.
type lister[T any] func(of episode.JobRef, before string, limit int) (rows []T, next string, err error)

// collect reads the newest rows of all jobs that a query asks for, up to its limit. id is the id by
// which rows are sorted, which grows with time. more reports whether rows were left out.
func collect[T any](q query, id func(T) string, list lister[T]) (all []T, more bool, err error) {
	refs := q.refs()
	for _, of := range refs {
		rows, left, err := collectPages(q.Limit, func(before string, limit int) ([]T, string, error) {
			return list(of, before, limit)
		})
		if err != nil {
			return nil, false, err
		}
		all, more = append(all, rows...), more || left
	}
	if len(refs) > 1 {
		slices.SortStableFunc(all, func(a, b T) int { return strings.Compare(id(b), id(a)) })
	}
	return all[:min(len(all), q.Limit)], more || len(all) > q.Limit, nil
}

// collectPages reads pages until there are limit rows or no more.
func collectPages[T any](limit int, list func(before string, limit int) (rows []T, next string, err error)) (
	all []T, more bool, err error,
) {
	var pages [][]T
	for read, before := 0, ""; ; {
		// One row more shows whether there are more.
		rows, next, err := list(before, min(limit+1-read, pageRows))
		if err != nil {
			return nil, false, err
		}
		pages, read = append(pages, rows), read+len(rows)
		switch {
		case read > limit:
			return slices.Concat(pages...)[:limit], true, nil
		case next == "":
			return slices.Concat(pages...), false, nil
		}
		before = next
	}
}
