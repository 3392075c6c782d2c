package routes

import (
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	ulid "github.com/oklog/ulid/v2"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// episodesRead bounds the episodes that one request for findings or profiles looks through.
const episodesRead = 5000

func (h *Handler) findings(_ http.ResponseWriter, r *http.Request) (any, error) {
	q := query{Request: r}
	of, span, limit := q.job(), q.span(), q.limit()
	category, severity := q.text("category"), episode.Severity(q.word("severity", severities...))
	if q.err != nil {
		return nil, q.err
	}
	page := findingsPage{limit: limit, from: span.from, category: category, severity: severity}
	err := h.sources.Episodes.Advised(of, span.begin(), page.add)
	return document{contentType: "application/json", body: page.text()}, err
}

var severities = []string{string(episode.Info), string(episode.Warning), string(episode.Critical)}

// findingsPage is a page of findings, which are already encoded.
type findingsPage struct {
	limit    int
	from     time.Time
	category string
	severity episode.Severity

	found [][]byte
	read  int // episodes
	next  string
}

// add takes the findings of an episode. It returns false at the end of the page.
func (p *findingsPage) add(e episode.Advised) bool {
	if e.Opened.Before(p.from) {
		return false
	}
	for _, f := range e.Findings {
		if (p.category == "" || f.Category == p.category) && (p.severity == "" || f.Severity == p.severity) {
			p.found = append(p.found, f.JSON)
		}
	}
	if p.read++; len(p.found) < p.limit && p.read < episodesRead {
		return true
	}
	p.next = e.ID
	return false
}

// text is the page as a [FindingList] in JSON.
func (p *findingsPage) text() []byte {
	var out bytes.Buffer
	out.WriteString(`{"findings":[`)
	for i, f := range p.found {
		if i > 0 {
			out.WriteByte(',')
		}
		out.Write(f)
	}
	out.WriteByte(']')
	if p.next != "" {
		fmt.Fprintf(&out, `,"next":%q`, p.next) // an id has letters and digits only
	}
	out.WriteString("}\n")
	return out.Bytes()
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
