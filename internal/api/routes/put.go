package routes

import (
	"encoding/json"
	"errors"
	"fmt"
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

// Entries stores entries of other histories.
type Entries interface {
	// PutNew stores entries, all or none, and returns how many are new. The error has a method
	// Position() int for the entry at fault.
	PutNew(entries []any, dry bool) (added int, err error)
}

// ImportEntries stores the entries of a request, all or none. The error names the line at fault.
func ImportEntries(to Entries, request api.EntriesRequest, now time.Time) (receipt api.EntriesReceipt, err error) {
	var entries []any
	var lines []int
	for _, line := range request.Entries {
		entry, err := decodeEntry(request.Kind, line, now.Add(clockSkew))
		switch {
		case err != nil:
			return api.EntriesReceipt{}, err
		case entry == nil:
			receipt.Unfinished++
		default:
			entries, lines = append(entries, entry), append(lines, line.Line)
		}
	}
	receipt.Added, err = to.PutNew(entries, request.Check)
	receipt.Known = len(entries) - receipt.Added
	var at interface{ Position() int }
	if errors.As(err, &at) {
		err = refusal(asError(err).Status, fmt.Sprintf("line %d: %v", lines[at.Position()], err))
	}
	return receipt, err
}

// decodeEntry reads an entry of a kind; nil for an episode that is not finished. A key that there is
// not is refused: it would be lost.
func decodeEntry(kind string, line api.EntryLine, latest time.Time) (entry any, err error) {
	switch kind {
	case "episodes":
		var e episode.Episode
		if err := decodeStrict(line.Entry, &e); err == nil && !e.State.Final() && e.State != "" {
			return nil, nil
		}
		entry, err = decodeAs(line, latest, checkEpisode)
	case "measurements":
		entry, err = decodeAs(line, latest, checkMeasurement)
	case "epochs":
		entry, err = decodeAs(line, latest, checkEpoch)
	case "scaletests":
		entry, err = decodeAs(line, latest, checkScaleTest)
	case "evaluations":
		entry, err = decodeAs(line, latest, checkEvaluation)
	default:
		return nil, badRequest("kind: %q cannot be imported (use episodes, measurements, epochs, scaletests or evaluations)",
			shorten(kind))
	}
	unknown, isUnknown := errors.AsType[*unknownKeyError](err)
	switch {
	case isUnknown:
		return nil, badRequest("line %d: unknown key %q (use the version of the sidecar that wrote it, or a newer one)",
			line.Line, unknown.key)
	case err != nil:
		return nil, badRequest("line %d: %v (use what history export --kind=%s wrote)", line.Line, err, kind)
	}
	return entry, nil
}

func decodeAs[T any](line api.EntryLine, latest time.Time, check func(T, time.Time) error) (any, error) {
	var v T
	if err := decodeStrict(line.Entry, &v); err != nil {
		return nil, err
	}
	return v, check(v, latest)
}

// checkMeasurement refuses a measurement that cannot be stored.
func checkMeasurement(m episode.Measurement, latest time.Time) error {
	id, err := ulid.ParseStrict(m.ID)
	switch {
	case err != nil:
		return checkID(m.ID)
	case ulid.Time(id.Time()).After(latest) || m.Began.After(latest):
		return badRequest("the measurement is of the future (correct the sender's clock)")
	case m.Job == "":
		return badRequest("job is needed (send it)")
	}
	return nil
}

// checkEpoch refuses an epoch that cannot be stored.
func checkEpoch(e episode.Epoch, latest time.Time) error {
	switch {
	case e.Key == "" || e.Job == "" || e.Began.IsZero():
		return badRequest("key, job and began are needed (send all three)")
	case e.Began.After(latest):
		return badRequest("the epoch is of the future (correct the sender's clock)")
	}
	return nil
}

// importEntries stores entries that another history exported.
func (h *Handler) importEntries(w http.ResponseWriter, r *http.Request) (any, error) {
	var request api.EntriesRequest
	if err := readJSON(w, r, &request, api.MaxEpisode); err != nil {
		return nil, err
	}
	if h.sources.Entries == nil {
		return nil, refusal(http.StatusServiceUnavailable, "this sidecar imports no entries (use a newer one)")
	}
	return ImportEntries(h.sources.Entries, request, time.Now())
}
