package plugin

import (
	"encoding/json"
	"fmt"
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
)

// query is one query, as the query editor stores it. Its fields are filters; empty is any.
type query struct {
	Type     string `json:"-"`
	Cluster  string `json:"cluster"`
	Job      string `json:"job"`
	Category string `json:"category"`
	Severity string `json:"severity"`
	Mode     string `json:"mode"`
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
	parsed.Type, parsed.From, parsed.To = q.QueryType, q.TimeRange.From, q.TimeRange.To
	if parsed.Limit <= 0 {
		parsed.Limit = defaultRows
	}
	parsed.Limit = min(parsed.Limit, maxRows)
	return parsed, nil
}

func (q query) of() episode.JobRef { return episode.JobRef{Cluster: q.Cluster, Job: q.Job} }

// collect reads pages until there are limit rows or no more. next is what list returns, empty at
// the end. more reports whether rows were left out.
func collect[T any](limit int, list func(before string, limit int) (rows []T, next string, err error)) (
	all []T, more bool, err error,
) {
	for before := ""; ; {
		// One row more shows whether there are more.
		rows, next, err := list(before, min(limit+1-len(all), pageRows))
		if err != nil {
			return nil, false, err
		}
		all = append(all, rows...)
		switch {
		case len(all) > limit:
			return all[:limit], true, nil
		case next == "":
			return all, false, nil
		}
		before = next
	}
}
