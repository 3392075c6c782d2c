package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// episodesRead bounds the episodes that one request for findings or profiles looks through.
const episodesRead = 5000

// FindingList is the answer of GET /api/v1/findings.
type FindingList struct {
	Findings []FindingEntry `json:"findings"`
	// Next is what to pass as before for those that follow; empty at the end. It is an episode.
	Next string `json:"next,omitempty"`
}

// FindingEntry is a finding, and whose it is.
type FindingEntry struct {
	// Episode is the id of the finding's episode, At when that was opened.
	Episode string    `json:"episode"`
	At      time.Time `json:"at"`
	Cluster string    `json:"cluster,omitempty"`
	Job     string    `json:"job,omitempty"`
	// Vertex is the name of the vertex that was profiled; empty if it is not known.
	Vertex  string          `json:"vertex,omitempty"`
	Finding episode.Finding `json:"finding"`
	// Mark is what a person says of it; nil for nothing.
	Mark *episode.Mark `json:"mark,omitempty"`
}

// FindingQuery says which findings are asked for. The zero value is all, up to a default
// number.
type FindingQuery struct {
	Of episode.JobRef
	// Category and Severity are words of findings; empty is any.
	Category string
	Severity episode.Severity
	// Before is an episode: only findings of older ones. From and To bound when the episode was
	// opened: From is the first moment, To the first moment after. The zero time is open.
	Before   string
	From, To time.Time
	// Limit is the least number at which a page ends; the findings of an episode stay together.
	Limit int
}

func (h *Handler) findings(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, span, limit := q.job(), q.span(), q.limit()
	category, severity := q.text("category"), episode.Severity(q.word("severity", severities...))
	if q.err != nil {
		return nil, q.err
	}
	list := FindingList{Findings: []FindingEntry{}}
	next, err := h.eachEpisode(of, span, func(e episode.Episode) bool {
		for _, f := range findingsOf(e) {
			if (category == "" || f.Finding.Category == category) && (severity == "" || f.Finding.Severity == severity) {
				list.Findings = append(list.Findings, f)
			}
		}
		return len(list.Findings) < limit
	})
	list.Next = next
	return list, err
}

var severities = []string{string(episode.Info), string(episode.Warning), string(episode.Critical)}

func findingsOf(e episode.Episode) (all []FindingEntry) {
	e = Brief(e)
	if e.Advice == nil {
		return nil
	}
	for _, f := range e.Advice.Findings {
		entry := FindingEntry{Episode: e.ID, At: e.Opened, Cluster: e.Alert.Cluster, Job: e.Alert.Job, Finding: f}
		if e.Target != nil {
			entry.Vertex = e.Target.VertexName
		}
		if mark, marked := e.MarkOf(f.ID); marked {
			entry.Mark = &mark
		}
		all = append(all, entry)
	}
	return all
}

// span is a part of the history.
type span struct {
	before   string
	from, to time.Time
}

func (q *query) span() span {
	return span{before: q.id("before"), from: q.time("from"), to: q.time("to")}
}

// begin is the id before which the span begins, looking backward: ids of episodes sort by the
// time at which they were opened.
func (s span) begin() string {
	if s.to.IsZero() || s.to.UnixMilli() < 0 {
		return s.before
	}
	var at ulid.ULID
	if at.SetTime(uint64(s.to.UnixMilli())) != nil { // later than any id
		return s.before
	}
	if s.before == "" || at.String() < s.before {
		return at.String()
	}
	return s.before
}

// eachEpisode shows the episodes of a span to look, newest first, until it returns false. next
// is the last one that was shown, if there may be more.
func (h *Handler) eachEpisode(of episode.JobRef, s span, look func(episode.Episode) bool) (next string, err error) {
	before := s.begin()
	for read := 0; read < episodesRead; read += maxLimit {
		page, err := h.sources.Episodes.Episodes(of, before, maxLimit)
		if err != nil {
			return "", err
		}
		for _, e := range page {
			if e.Opened.Before(s.from) {
				return "", nil
			}
			if before = e.ID; !look(e) {
				return before, nil
			}
		}
		if len(page) < maxLimit {
			return "", nil
		}
	}
	return before, nil
}

// word is a parameter that is one of some words, or empty.
func (q *query) word(name string, words ...string) string {
	text := q.text(name)
	if text != "" && !slices.Contains(words, text) {
		q.keep(badRequest("%s: there is no %q (there are: %s)", name, shorten(text), strings.Join(words, ", ")))
	}
	return text
}

// Findings lists findings, those of the newest episode first.
func (c *Client) Findings(ctx context.Context, q FindingQuery) (FindingList, error) {
	return get[FindingList](ctx, c, "findings", params("cluster", q.Of.Cluster, "job", q.Of.Job, "category", q.Category,
		"severity", string(q.Severity), "before", q.Before, "from", timeText(q.From), "to", timeText(q.To),
		"limit", number(q.Limit)))
}
