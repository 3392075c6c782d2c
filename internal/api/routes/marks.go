package routes

import (
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// Marks keeps what people say of findings.
type Marks interface {
	// PutMark stores a mark in place of an earlier one of the same finding and returns what
	// is stored then. It returns false if the episode has no such finding.
	PutMark(episodeID string, mark episode.Mark) (episode.Mark, bool, error)
}

// Mark stores a mark of this moment and returns what is stored then: the same mark again keeps
// its time. The error is an [*Error] if there is no such finding.
func Mark(to Marks, request api.MarkRequest, now time.Time) (episode.Mark, error) {
	mark := episode.Mark{Finding: request.Finding, Decision: request.Decision, At: now.UTC(), Note: request.Note}
	if err := checkMark(mark); err != nil {
		return episode.Mark{}, err
	}
	id, ok := episode.OfFinding(request.Finding)
	if !ok || checkID(id) != nil {
		return episode.Mark{}, badRequest("%q is not the id of an episode's finding (those are like %s; sidecar history show "+
			"EPISODE has them)", shorten(request.Finding), "01KB0000000000000000000000-F1")
	}
	stored, found, err := to.PutMark(id, mark)
	if err == nil && !found {
		err = refusal(http.StatusNotFound, "there is no finding "+request.Finding+" (sidecar history show "+id+
			" has those of the episode, sidecar history list the episodes)")
	}
	return stored, err
}

// checkMark refuses a decision or a note that cannot be shown.
func checkMark(m episode.Mark) error {
	if m.Decision != episode.Applied && m.Decision != episode.Rejected {
		return badRequest("decision: %q is neither %q nor %q", shorten(string(m.Decision)), episode.Applied, episode.Rejected)
	}
	return checkNote(m.Note)
}

// checkNote refuses a note that cannot be shown.
func checkNote(note string) error {
	switch {
	case len(note) > episode.MaxNote:
		return badRequest("note: %d bytes are too many (write at most %d)", len(note), episode.MaxNote)
	case !utf8.ValidString(note) || strings.ContainsFunc(note, unicode.IsControl):
		return badRequest("note: it has characters that cannot be printed (write one line of text)")
	}
	return nil
}

func (h *Handler) mark(w http.ResponseWriter, r *http.Request) (any, error) {
	var request api.MarkRequest
	if err := readJSON(w, r, &request, api.MaxRequest); err != nil {
		return nil, err
	}
	if h.sources.Marks == nil {
		return nil, refusal(http.StatusServiceUnavailable, "this sidecar keeps no marks (ask one that runs the loop)")
	}
	return Mark(h.sources.Marks, request, time.Now())
}
