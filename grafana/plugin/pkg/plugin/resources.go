package plugin

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/scalerun"
)

// resources are the lists of the query editor's pickers, and of variables. Each answers with an
// array of strings.
func (d *Datasource) resources() http.Handler {
	mux := http.NewServeMux()
	for path, list := range map[string]func(context.Context, episode.JobRef) ([]string, error){
		"clusters": d.clusters, "jobs": d.jobs, "categories": d.categories, "modes": d.modes, "runs": d.runs,
		"episodes": d.episodeIDs, "profiles": d.hashes,
	} {
		mux.HandleFunc("GET /"+path, func(w http.ResponseWriter, r *http.Request) {
			values, err := list(r.Context(), episode.JobRef{Cluster: r.URL.Query().Get("cluster"), Job: r.URL.Query().Get("job")})
			answerList(w, values, err)
		})
	}
	return mux
}

func answerList(w http.ResponseWriter, values []string, err error) {
	w.Header().Set("Content-Type", "application/json")
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		_ = json.NewEncoder(w).Encode(map[string]string{"error": explained(err).Error()})
		return
	}
	if values == nil {
		values = []string{}
	}
	_ = json.NewEncoder(w).Encode(values)
}

// distinct are the values of rows that are not empty, each once, in their order.
func distinct[R any](rows []R, value func(R) string) (all []string) {
	for _, r := range rows {
		if text := value(r); text != "" && !slices.Contains(all, text) {
			all = append(all, text)
		}
	}
	return all
}

func (d *Datasource) clusters(ctx context.Context, _ episode.JobRef) ([]string, error) {
	status, err := d.client.Status(ctx)
	return distinct(status.Clusters, func(c api.Cluster) string { return c.Name }), err
}

// jobs are those that run and those of the epochs that are kept.
func (d *Datasource) jobs(ctx context.Context, of episode.JobRef) ([]string, error) {
	status, err := d.client.Status(ctx)
	if err != nil {
		return nil, err
	}
	epochs, err := d.client.Epochs(ctx, episode.JobRef{Cluster: of.Cluster}, pageRows)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, j := range status.Jobs {
		if of.Cluster == "" || of.Cluster == j.Cluster {
			names = append(names, j.Name)
		}
	}
	names = append(names, distinct(epochs.Epochs, func(e episode.Epoch) string { return e.Job })...)
	return distinct(names, func(name string) string { return name }), nil
}

func (d *Datasource) categories(ctx context.Context, of episode.JobRef) ([]string, error) {
	list, err := d.client.Findings(ctx, api.FindingQuery{Of: of, Limit: pageRows})
	return distinct(list.Findings, func(f api.FindingEntry) string { return f.Finding.Category }), err
}

func (d *Datasource) modes(ctx context.Context, of episode.JobRef) ([]string, error) {
	list, err := d.client.Profiles(ctx, api.ProfileQuery{Of: of, Limit: pageRows})
	return distinct(list.Profiles, func(p api.ProfileEntry) string { return p.Profile.Mode }), err
}

func (d *Datasource) runs(ctx context.Context, of episode.JobRef) ([]string, error) {
	list, err := d.client.ScaleTests(ctx, of, "", 100)
	return distinct(list.ScaleTests, func(t scalerun.Test) string { return t.Run }), err
}

func (d *Datasource) episodeIDs(ctx context.Context, of episode.JobRef) ([]string, error) {
	list, err := d.client.Episodes(ctx, of, "", 100)
	return distinct(list.Episodes, func(e episode.Episode) string { return e.ID }), err
}

func (d *Datasource) hashes(ctx context.Context, of episode.JobRef) ([]string, error) {
	list, err := d.client.Profiles(ctx, api.ProfileQuery{Of: of, Limit: 100})
	return distinct(list.Profiles, func(p api.ProfileEntry) string { return p.Profile.Hash }), err
}
