package plugin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/grafana/grafana-plugin-sdk-go/backend"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// CheckHealth says whether the sidecar answers, accepts the credentials and is of the plugin's
// version.
func (d *Datasource) CheckHealth(ctx context.Context, _ *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	status, err := d.client.Status(ctx)
	if err != nil {
		return unhealthy(explained(err)), nil
	}
	// A sidecar from before there was a plugin lacks what the plugin asks for.
	if _, err := d.client.Trends(ctx, episode.JobRef{}, 1); err != nil {
		var fault *api.Error
		if errors.As(err, &fault) && fault.Status == http.StatusNotFound {
			err = fmt.Errorf("the sidecar is version %s and too old for the plugin, version %s (update it)", status.Version, Version)
		}
		return unhealthy(explained(err)), nil
	}
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: healthy(status)}, nil
}

func unhealthy(err error) *backend.CheckHealthResult {
	return &backend.CheckHealthResult{Status: backend.HealthStatusError, Message: err.Error()}
}

// healthy says what the sidecar watches, and whether its version fits.
func healthy(status api.Status) string {
	text := fmt.Sprintf("The sidecar answers: version %s, %d clusters, %d jobs.", status.Version, len(status.Clusters),
		len(status.Jobs))
	if differ(status.Version, Version) {
		text += fmt.Sprintf(" The plugin is version %s: use the one of the sidecar's release, or some answers may differ.", Version)
	}
	if status.History.Mode == api.ModeMemory {
		text += " Its history is in memory, and is lost when it ends: " + status.History.Reason
	}
	return text
}

// differ reports whether two versions are known and not the same. A build that was given none has a
// word in its place.
func differ(a, b string) bool {
	known := func(version string) bool { return version != "" && version != "unknown" && version != "dev" }
	return known(a) && known(b) && strings.TrimPrefix(a, "v") != strings.TrimPrefix(b, "v")
}
