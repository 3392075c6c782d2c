package api

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// defaultLimit is how many entries a listing has when the request doesn't say.
const defaultLimit = 100

// maxLimit is how many it may ask for.
const maxLimit = 1000

func (h *Handler) status(http.ResponseWriter, *http.Request) (any, error) {
	return h.sources.Status().complete(), nil
}

func (h *Handler) episodes(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, span, limit := q.job(), q.span(), q.limit()
	if q.err != nil {
		return nil, q.err
	}
	found, err := h.sources.Episodes.VertexEpisodes(q.text("vertex"), of, span.begin(), limit)
	list := EpisodeList{Episodes: []episode.Episode{}}
	for _, e := range found {
		if e.Opened.Before(span.from) {
			return list, err
		}
		list.Episodes = append(list.Episodes, Brief(e))
	}
	if len(found) == limit {
		list.Next = found[limit-1].ID
	}
	return list, err
}

func (h *Handler) episode(_ http.ResponseWriter, r *http.Request) (any, error) {
	return h.episodeOf(r)
}

// episodeOf is the episode that a path names.
func (h *Handler) episodeOf(r *http.Request) (episode.Episode, error) {
	id := r.PathValue("id")
	if err := checkID(id); err != nil {
		return episode.Episode{}, err
	}
	e, ok, err := h.sources.Episodes.Episode(id)
	if err == nil && !ok {
		err = &Error{http.StatusNotFound, "there is no episode " + id + " (" + Prefix + "/episodes lists those there are)"}
	}
	return e, err
}

// prompt answers with what an LLM would be sent for an episode.
func (h *Handler) prompt(_ http.ResponseWriter, r *http.Request) (any, error) {
	e, err := h.episodeOf(r)
	if err != nil {
		return nil, err
	}
	if h.sources.Prompts == nil {
		return nil, &Error{http.StatusNotFound, "this sidecar gives no advice (use one that runs the loop)"}
	}
	body, err := h.sources.Prompts.Prompt(r.Context(), e)
	return document{contentType: "text/plain; charset=utf-8", body: body}, err
}

// bundle answers with the files of an episode's evidence.
func (h *Handler) bundle(_ http.ResponseWriter, r *http.Request) (any, error) {
	e, err := h.episodeOf(r)
	if err != nil {
		return nil, err
	}
	if h.sources.Bundles == nil {
		return nil, &Error{http.StatusNotFound, "this sidecar gives no advice (use one that runs the loop)"}
	}
	files, err := h.sources.Bundles.Bundle(r.Context(), e)
	return BundleFiles{Files: files}, err
}

func (h *Handler) declined(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, before, limit := q.job(), q.id("before"), q.limit()
	if q.err != nil {
		return nil, q.err
	}
	list := DeclinedList{Declined: []episode.Declined{}}
	if h.sources.Declined == nil {
		return list, nil
	}
	found, err := h.sources.Declined.Declined(of, before, limit)
	list.Declined = notNil(found)
	if len(found) == limit {
		list.Next = found[limit-1].ID
	}
	return list, err
}

func (h *Handler) measurements(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, before, from, to, limit := q.job(), q.id("before"), q.time("from"), q.time("to"), q.limit()
	if q.err != nil {
		return nil, q.err
	}
	found, err := h.sources.Measurements.Measurements(of, before, from, to, limit)
	list := MeasurementList{Measurements: notNil(found)}
	if len(found) == limit {
		list.Next = found[limit-1].ID
	}
	return list, err
}

func (h *Handler) epochs(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, limit := q.job(), q.limit()
	if q.err != nil {
		return nil, q.err
	}
	found, err := h.sources.Measurements.Epochs(of, limit)
	return EpochList{Epochs: notNil(found)}, err
}

// query reads parameters; err is the first thing wrong with one.
type query struct {
	*http.Request
	err error
}

func (q *query) text(name string) string { return q.URL.Query().Get(name) }

// job is whose entries are asked for.
func (q *query) job() episode.JobRef {
	return episode.JobRef{Cluster: q.text("cluster"), Job: q.text("job")}
}

func (q *query) id(name string) string {
	id := q.text(name)
	if id != "" {
		q.keep(checkID(id))
	}
	return id
}

func (q *query) time(name string) (t time.Time) {
	if text := q.text(name); text != "" {
		var err error
		if t, err = time.Parse(time.RFC3339, text); err != nil {
			q.keep(badRequest("%s: %q is not a time (write it as 2026-01-31T12:00:00Z)", name, text))
		}
	}
	return t
}

func (q *query) limit() int {
	text := q.text("limit")
	if text == "" {
		return defaultLimit
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > maxLimit {
		q.keep(badRequest("limit: %q is not a number from 1 to %d", text, maxLimit))
	}
	return n
}

func (q *query) keep(err error) {
	if q.err == nil {
		q.err = err
	}
}

func checkID(id string) error {
	if _, err := ulid.ParseStrict(id); err != nil {
		return badRequest("%q is not an id (ids have 26 letters and digits)", id)
	}
	return nil
}

func badRequest(format string, args ...any) error {
	return &Error{http.StatusBadRequest, fmt.Sprintf(format, args...)}
}

func notNil[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}
