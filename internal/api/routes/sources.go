package routes

import (
	"context"
	"time"

	"github.com/prometheus/common/model"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/check"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Sources are what the handler serves. All are needed except where said.
type Sources struct {
	// Status returns what is known now. It must answer at once.
	Status func() api.Status
	// Episodes, Measurements and Records are the history.
	Episodes     Episodes
	Measurements Measurements
	Records      Records
	// Rounds is nil when no probe is configured.
	Rounds Rounds
	// Alerts and Pauser are nil where no loop runs.
	Alerts Alerts
	Pauser Pauser
	// Declined is nil where no history of alerts is kept, Prompts where no advice is given.
	Declined Declined
	Prompts  Prompts
	// Bundles is nil where no advice is given, Marks where findings cannot be marked, Backups
	// where the history cannot be copied.
	Bundles Bundles
	Marks   Marks
	Backups Backups
	// ScaleTests, LiveScaleTest and ScaleShards are nil where scale tests are not kept.
	ScaleTests    ScaleTests
	LiveScaleTest LiveScaleTest
	ScaleShards   ScaleShards
	// Evaluations is nil where they are not kept.
	Evaluations Evaluations
	// ChangePoints is nil where standing measurements are not kept.
	ChangePoints ChangePoints
	// Block is the length of a block of standing measurements where a request names none; 0 is 30m.
	Block model.Duration
	// Rules is nil where no trends are evaluated, Samples where theirs are not kept.
	Rules   Rules
	Samples Samples
	// Checks returns the last results of the checks of sidecar doctor and when they were taken;
	// the zero time before the first ones. It is nil where nothing is checked.
	Checks func() (time.Time, []check.Result)
	// Trees is nil where no profiles are kept.
	Trees Trees
}

// Rules are the trend rules.
type Rules interface {
	// Scores says how often each rule was right.
	Scores() []episode.RuleScore
}

// Samples are those of the signals that the history keeps.
type Samples interface {
	// AllPages returns a part of those since a time or behind a page, and the name of the last one where
	// more follow. An error is as with Episodes.
	AllPages(since time.Time, after string) (pages [][]byte, last string, err error)
}

// Bundles are the evidence of episodes.
type Bundles interface {
	// Bundle returns the files of the bundle that an episode was judged by or, if it is not
	// kept, of one of the present state: their content by path.
	Bundle(ctx context.Context, ep episode.Episode) (map[string][]byte, error)
}

// Declined are the alerts that opened no episode, listed newest first.
type Declined interface {
	Declined(of episode.JobRef, before string, limit int) ([]episode.Declined, error)
}

// Prompts writes what an LLM is sent.
type Prompts interface {
	// Prompt returns the exact bytes that would be sent for an episode now. It sends
	// nothing to an LLM.
	Prompt(ctx context.Context, ep episode.Episode) ([]byte, error)
}

// Episodes are the stored episodes. An error that has a method Conflict() bool
// which returns true means that what is stored contradicts the caller; one whose
// method Invalid() bool returns true will never be accepted, too large for example.
type Episodes interface {
	// Episodes lists newest first: those that of takes, older than the episode with
	// the id before unless it is empty, up to limit or, for 0, a default.
	Episodes(of episode.JobRef, before string, limit int) ([]episode.Episode, error)
	// VertexEpisodes is Episodes of the vertices of one name; an empty name is every episode.
	VertexEpisodes(vertex string, of episode.JobRef, before string, limit int) ([]episode.Episode, error)
	// Advised shows the findings of episodes to look until it returns false, in the same
	// order. look must not use the episodes.
	Advised(of episode.JobRef, before string, look func(episode.Advised) bool) error
	// Episode returns false when there is none with that id.
	Episode(id string) (episode.Episode, bool, error)
	// PutEpisode is durable when it returns and refuses to go backward.
	PutEpisode(episode.Episode) error
}

// Measurements are the stored measurements and epochs, both listed newest first.
type Measurements interface {
	// Measurements lists those that began at from or later and before to; the zero
	// time is open. The rest is as with Episodes.
	Measurements(of episode.JobRef, before string, from, to time.Time, limit int) ([]episode.Measurement, error)
	Epochs(of episode.JobRef, limit int) ([]episode.Epoch, error)
	// EpochsOf is Epochs of those that began at from or later and before to, as above.
	EpochsOf(of episode.JobRef, from, to time.Time, limit int) ([]episode.Epoch, error)
}

// Records are the probe records that are kept.
type Records interface {
	// Each shows the records to look, newest round first, until it returns false. It begins behind
	// the record with the seed before unless that is empty.
	Each(before string, look func(episode.ProbeRecord) bool) error
}

// Rounds runs probe rounds.
type Rounds interface {
	// Round runs one round and returns its episode when every record has its outcome.
	// When ctx ends it stops waiting; the records are still accounted for. An [*Error]
	// keeps its status; any other is a 500.
	Round(ctx context.Context, request api.RoundRequest) (episode.Episode, error)
}
