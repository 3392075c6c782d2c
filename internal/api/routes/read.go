package routes

import (
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	ulid "github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// defaultLimit is how many entries a listing has when the request doesn't say.
const defaultLimit = 100

// maxLimit is how many it may ask for.
const maxLimit = 1000

func (h *Handler) status(http.ResponseWriter, *http.Request) (any, error) {
	return completeStatus(h.sources.Status()), nil
}

func (h *Handler) episodes(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, span, lasting, limit := q.job(), q.span(), q.flag("lasting"), q.limit()
	if q.err != nil {
		return nil, q.err
	}
	list := api.EpisodeList{Episodes: []episode.Episode{}}
	vertex := q.text("vertex")
	switch {
	case lasting && vertex != "":
		return nil, refusal(http.StatusBadRequest, "lasting and vertex exclude each other (leave one of them out)")
	case lasting:
		return h.lasting(list, of, span, limit)
	}
	found, err := h.sources.Episodes.VertexEpisodes(vertex, of, span.begin(), limit)
	for _, e := range found {
		if e.Opened.Before(span.from) {
			return list, err
		}
		list.Episodes = append(list.Episodes, api.Brief(e))
	}
	if len(found) == limit {
		list.Next = found[limit-1].ID
	}
	return list, err
}

// longestEpisode bounds how long before a time an episode may have been opened that is found because
// it lasted until then.
const longestEpisode = 7 * 24 * time.Hour

// lasting adds to a list the episodes that lasted within a span, also those that were opened before it.
func (h *Handler) lasting(list api.EpisodeList, of episode.JobRef, s span, limit int) (api.EpisodeList, error) {
	from := s.from
	if !from.IsZero() {
		s.from = from.Add(-longestEpisode)
	}
	var err error
	list.Next, err = h.eachEpisode(of, s, func(e episode.Episode) bool {
		over := e.State.Final() && e.Finished.Before(from) && e.RegionEnd().Before(from)
		if !over || !e.Opened.Before(from) {
			list.Episodes = append(list.Episodes, api.Brief(e))
		}
		return len(list.Episodes) < limit
	})
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
		err = refusal(http.StatusNotFound,
			"there is no episode "+id+" ("+api.Prefix+"/episodes lists those there are)")
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
		return nil, refusal(http.StatusNotFound, "this sidecar gives no advice (use one that runs the loop)")
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
		return nil, refusal(http.StatusNotFound, "this sidecar gives no advice (use one that runs the loop)")
	}
	files, err := h.sources.Bundles.Bundle(r.Context(), e)
	return api.BundleFiles{Files: files}, err
}

func (h *Handler) declined(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, before, limit := q.job(), q.id("before"), q.limit()
	if q.err != nil {
		return nil, q.err
	}
	list := api.DeclinedList{Declined: []episode.Declined{}}
	if h.sources.Declined == nil {
		return list, nil
	}
	found, err := h.sources.Declined.Declined(of, before, limit)
	list.Declined = api.NotNil(found)
	if len(found) == limit {
		list.Next = found[limit-1].ID
	}
	return list, err
}

func (h *Handler) measurements(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	only := api.MeasurementQuery{
		Of: q.job(), Kind: q.word("kind", episode.KindWindow, episode.KindRound), Before: q.id("before"),
		From: q.time("from"), To: q.time("to"), Limit: q.limit(),
	}
	if q.err != nil {
		return nil, q.err
	}
	list := api.MeasurementList{Measurements: []episode.Measurement{}}
	atOnce := only.Limit
	if only.Kind != "" {
		atOnce = max(atOnce, defaultLimit)
	}
	var err error
	list.Next, err = h.eachMeasurement(only, atOnce, func(m episode.Measurement) bool {
		if only.Kind == "" || m.Kind == only.Kind {
			list.Measurements = append(list.Measurements, m)
		}
		return len(list.Measurements) < only.Limit
	})
	return list, err
}

// measurementsRead bounds the measurements that one request looks through.
const measurementsRead = 10_000

// eachMeasurement shows the measurements of a query to look whatever their kind, newest first, until
// it returns false. It reads some at once. next is the last one that was shown, if there may be more.
func (h *Handler) eachMeasurement(q api.MeasurementQuery, atOnce int, look func(episode.Measurement) bool) (
	next string, err error,
) {
	for read := 0; read < measurementsRead; read += atOnce {
		page, err := h.sources.Measurements.Measurements(q.Of, q.Before, q.From, q.To, atOnce)
		if err != nil {
			return "", err
		}
		for _, m := range page {
			if q.Before = m.ID; !look(m) {
				return m.ID, nil
			}
		}
		if len(page) < atOnce {
			return "", nil
		}
	}
	return q.Before, nil
}

func (h *Handler) epochs(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, from, to, limit := q.job(), q.time("from"), q.time("to"), q.limit()
	if q.err != nil {
		return nil, q.err
	}
	found, err := h.sources.Measurements.EpochsOf(of, from, to, limit)
	list := api.EpochList{Epochs: api.NotNil(found)}
	if len(found) == limit {
		list = wholeMoments(found)
	}
	return list, err
}

// wholeMoments is a page that ends between two moments: epochs have no id in the API, and those of
// several jobs begin at the same poll.
func wholeMoments(found []episode.Epoch) api.EpochList {
	last := found[len(found)-1].Began.UnixMilli()
	end := slices.IndexFunc(found, func(e episode.Epoch) bool { return e.Began.UnixMilli() == last })
	if end == 0 {
		end = len(found)
	}
	return api.EpochList{Epochs: found[:end], Next: found[end-1].Began.Truncate(time.Millisecond)}
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

// flag is a parameter that is true or, as without it, false.
func (q *query) flag(name string) bool { return q.word(name, "true", "false") == "true" }

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

// refusal is the answer to a request that fails for a known reason.
func refusal(status int, message string) *api.Error {
	return &api.Error{Status: status, Message: message}
}

func badRequest(format string, args ...any) error {
	return refusal(http.StatusBadRequest, fmt.Sprintf(format, args...))
}
