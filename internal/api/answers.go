package api

import (
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// RoundRequest asks for a probe round.
type RoundRequest struct {
	// Records is how many; 0 is as many as the probe's own rounds have.
	Records int `json:"records"`
	// Source is the kind of the sender: empty is [episode.FromAPI].
	Source episode.Source `json:"source,omitempty"`
}

// BundleFiles is the answer of GET /api/v1/episodes/{id}/bundle.
type BundleFiles struct {
	// Files are the files of a bundle's directory: their content by path, with slashes.
	Files map[string][]byte `json:"files"`
}

// Error is the answer to a request that failed.
type Error struct {
	// Status is the HTTP status.
	Status int `json:"-"`
	// Message ends in what to do.
	Message string `json:"error"`
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// EpisodeList is the answer of GET /api/v1/episodes. Each episode is as [Brief]
// returns it.
type EpisodeList struct {
	Episodes []episode.Episode `json:"episodes"`
	// Next is what to pass as before for those that follow; empty at the end.
	Next string `json:"next,omitempty"`
}

// DeclinedList is the answer of GET /api/v1/alerts/declined.
type DeclinedList struct {
	Declined []episode.Declined `json:"declined"`
	// Next is what to pass as before for those that follow; empty at the end.
	Next string `json:"next,omitempty"`
}

// MeasurementList is the answer of GET /api/v1/measurements.
type MeasurementList struct {
	Measurements []episode.Measurement `json:"measurements"`
	// Next is what to pass as before for those that follow; empty at the end.
	Next string `json:"next,omitempty"`
}

// EpochList is the answer of GET /api/v1/epochs.
type EpochList struct {
	Epochs []episode.Epoch `json:"epochs"`
	// Next is what to pass as to for those that follow; the zero time at the end.
	Next time.Time `json:"next,omitzero"`
}

// How many bytes a body may have. An episode brings profiles and evidence, whose texts
// its makers bound: some hundred KiB at the most. Anything else is a few words.
const (
	MaxEpisode = 4 << 20
	MaxRequest = 16 << 10
)

// MaxRoundRecords is how many records one round may have.
const MaxRoundRecords = 10_000
