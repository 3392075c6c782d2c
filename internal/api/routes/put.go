package routes

import (
	"encoding/json"
	"net/http"
	"time"

	ulid "github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// clockSkew is how far the clock of a sender may be ahead.
const clockSkew = time.Minute

// putEpisode stores an episode that a command ran through beside the sidecar.
func (h *Handler) putEpisode(w http.ResponseWriter, r *http.Request) (any, error) {
	var e episode.Episode
	if err := readJSON(w, r, &e, api.MaxEpisode); err != nil {
		return nil, err
	}
	if err := checkEpisode(e, time.Now().Add(clockSkew)); err != nil {
		return nil, err
	}
	stored, found, err := h.sources.Episodes.Episode(e.ID)
	switch {
	case err != nil:
		return nil, err
	case found && !stored.State.Final():
		return nil, refusal(http.StatusConflict, "episode "+e.ID+" is "+string(stored.State)+
			" and belongs to this sidecar (wait for its end, GET "+api.Prefix+"/episodes/"+e.ID+" shows it)")
	}
	if e.Advice != nil {
		*e.Advice = api.CompleteAdvice(*e.Advice)
	}
	return e, h.sources.Episodes.PutEpisode(e)
}

// checkEpisode refuses an episode that cannot be stored, or that would mislead those who
// read it later: one from the future would keep budgets and cool-downs busy until then.
func checkEpisode(e episode.Episode, latest time.Time) error {
	id, err := ulid.ParseStrict(e.ID)
	if err != nil {
		return checkID(e.ID)
	}
	if !e.State.Final() {
		return badRequest("the episode's state is %q (store it when it is %s or %s)", e.State, episode.Done, episode.Failed)
	}
	moments := []moment{
		{"id", ulid.Time(id.Time())},
		{"opened", e.Opened},
		{"finished", e.Finished},
		{"concluded", e.Concluded},
		{"alert.starts_at", e.Alert.StartsAt},
	}
	for _, p := range e.Profiles {
		moments = append(moments, moment{"profiles.taken", p.Taken})
	}
	for _, m := range e.Marks {
		if err := checkMark(m); err != nil {
			return err
		}
		moments = append(moments, moment{"marks.at", m.At})
	}
	for _, m := range moments {
		if m.at.After(latest) {
			return badRequest("%s: %s is in the future (correct the sender's clock)", m.name, m.at.UTC().Format(time.RFC3339))
		}
	}
	if _, err := json.Marshal(e); err != nil {
		return badRequest("the episode cannot be stored: %v (correct that value)", err)
	}
	return nil
}

// moment is a time in an episode, and the name of its key.
type moment struct {
	name string
	at   time.Time
}
