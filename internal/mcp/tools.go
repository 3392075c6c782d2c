package mcp

import (
	"context"
	"encoding/json"

	sdk "github.com/modelcontextprotocol/go-sdk/mcp"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// tools answer by the API of the running sidecar.
type tools struct{ client *api.Client }

// The arguments of the tools. A field with omitempty is optional.
type (
	none  struct{}
	ofJob struct {
		Job     string `json:"job,omitempty" jsonschema:"name of the Flink job; every job if it is left out"`
		Cluster string `json:"cluster,omitempty" jsonschema:"name of the cluster; needed if several have a job of this name"`
	}
	pageOfJob struct {
		ofJob
		Limit  int    `json:"limit,omitempty" jsonschema:"how many at most; 10 if it is left out"`
		Before string `json:"before,omitempty" jsonschema:"the value of next in the answer before: only older ones"`
	}
	findingsOfJob struct {
		pageOfJob
		Category string `json:"category,omitempty" jsonschema:"such as blocking-io or generic-serialization"`
	}
	oneEpisode struct {
		Episode string `json:"episode" jsonschema:"the id of the episode"`
	}
	oneRun struct {
		ofJob
		Run string `json:"run,omitempty" jsonschema:"name of the run of scale tests; the newest if it is left out"`
	}
	oneProfile struct {
		Profile string `json:"profile" jsonschema:"the hash of a profile, as an episode has it"`
		Frames  int    `json:"frames,omitempty" jsonschema:"how many frames at most; 50 if it is left out"`
	}
)

func (of ofJob) ref() episode.JobRef { return episode.JobRef{Cluster: of.Cluster, Job: of.Job} }

// fewEntries is the length of a list, and fewFrames that of a table of frames, if none is asked for.
const (
	fewEntries = 10
	fewFrames  = 50
)

func (of pageOfJob) limit() int {
	if of.Limit < 1 {
		return fewEntries
	}
	return of.Limit
}

// addTo adds all tools.
func (t tools) addTo(server *sdk.Server) {
	add(server, "why_slow", "What limits a job now and what to change first: its vertices, what is wrong, and the newest "+
		"ranked findings with the evidence that they cite.", t.whySlow)
	add(server, "status", "All clusters, jobs, servers, troubles and trends, as they are now.",
		func(ctx context.Context, _ none) (api.Status, error) { return t.client.Status(ctx) })
	add(server, "list_episodes", "The investigations of jobs, newest first: what opened them and what came of them.",
		func(ctx context.Context, of pageOfJob) (api.EpisodeList, error) {
			return t.client.Episodes(ctx, of.ref(), of.Before, of.limit())
		})
	add(server, "get_episode", "One episode: its alert, profiles, measurement, findings, evidence, and what came of them.",
		t.episode)
	add(server, "list_findings", "Findings of all episodes, those of the newest first, with what people said of them.",
		func(ctx context.Context, of findingsOfJob) (api.FindingList, error) {
			return t.client.Findings(ctx, api.FindingQuery{
				Of: of.ref(), Category: of.Category, Before: of.Before, Limit: of.limit(),
			})
		})
	add(server, "profile_frames", "The frames of a profile with most samples: self is on top of the stack, total anywhere "+
		"in it, once for each stack.", t.frames)
	add(server, "list_trends", "The signals that trend rules follow: their level, their limit, and when they pass it.",
		func(ctx context.Context, of ofJob) (api.TrendList, error) { return t.client.Trends(ctx, of.ref(), 0) })
	add(server, "what_changed", "The table of a run of scale tests: throughput of each change against the baseline, with "+
		"the 95 % interval and a verdict.",
		func(ctx context.Context, of oneRun) (any, error) { return t.client.Table(ctx, of.ref(), of.Run) })
}

// noArguments is the schema of a tool that takes none. Some assistants refuse one without properties.
var noArguments = json.RawMessage(`{"type":"object","properties":{}}`)

// add adds a tool that reads. Its answer is the JSON of the API.
func add[In, Out any](server *sdk.Server, name, description string, read func(context.Context, In) (Out, error)) {
	no := false
	tool := &sdk.Tool{Name: name, Description: description, Annotations: &sdk.ToolAnnotations{
		ReadOnlyHint: true, IdempotentHint: true, DestructiveHint: &no, OpenWorldHint: &no,
	}}
	if _, ok := any(*new(In)).(none); ok {
		tool.InputSchema = noArguments
	}
	sdk.AddTool(server, tool, func(ctx context.Context, _ *sdk.CallToolRequest, in In) (*sdk.CallToolResult, any, error) {
		found, err := read(ctx, in)
		if err != nil {
			return nil, nil, masked(err)
		}
		text, err := answer(found)
		if err != nil {
			return nil, nil, err
		}
		return &sdk.CallToolResult{Content: []sdk.Content{&sdk.TextContent{Text: text}}}, nil, nil
	})
}
