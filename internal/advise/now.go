package advise

import (
	"context"
	"fmt"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Now profiles, measures and judges a job through a sidecar, and returns the episode when its
// advice is complete. say gets a line when the work begins.
func Now(ctx context.Context, client *api.Client, of episode.JobRef, say func(string)) (episode.Episode, error) {
	receipt, err := client.Raise(ctx, api.AlertRequest{
		Cluster: of.Cluster, Job: of.Job, Source: episode.FromCLI, Summary: "advice was requested",
	})
	if err != nil {
		return episode.Episode{}, err
	}
	if receipt.Episode == "" {
		return episode.Episode{}, fmt.Errorf("no episode was opened: %s", receipt.Reason)
	}
	say(fmt.Sprintf("episode %s is in progress: profile, measurement, advice", receipt.Episode))
	return client.Await(ctx, receipt.Episode, api.Concluded)
}
