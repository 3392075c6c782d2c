package web

import (
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	whatchanged "github.com/flink-sidecar/flink-sidecar/internal/outcome"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome/changepoint"
)

// changesShown is how many of the newest change points are on the page.
const changesShown = 20

// pointRow is a change point, in words.
type pointRow struct{ changepoint.Point }

// Mood is the style of the change.
func (r pointRow) Mood() string {
	if r.Direction == changepoint.Worse {
		return "bad"
	}
	return "good"
}

// BeforeText is the mean before the change.
func (r pointRow) BeforeText() string { return whatchanged.Brief(r.Before) }

// AfterText is the mean after the change.
func (r pointRow) AfterText() string { return whatchanged.Brief(r.After) }

// ChangeText is the change in percent.
func (r pointRow) ChangeText() string { return change(r.ChangePercent) }

// pointRows are the newest of points that a filter takes, newest first.
func pointRows(points []changepoint.Point, of episode.JobRef) (rows []pointRow) {
	for _, p := range slices.Backward(points) {
		if of.Takes(episode.JobRef{Cluster: p.Cluster, Job: p.Job}) && len(rows) < changesShown {
			rows = append(rows, pointRow{p})
		}
	}
	return rows
}
