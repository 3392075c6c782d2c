package evidence

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// The kinds of evidence.
const (
	KindFrame  = "frame"
	kindMetric = "metric"
	kindConfig = "config"
	KindSource = "source"
	kindPrior  = "prior"
	kindCause  = "exception"
)

// Book collects and numbers facts. Equal facts are one entry.
type Book struct {
	Entries []episode.Evidence
	known   map[string]string // from what an entry says to its id
}

// NewBook returns an empty book.
func NewBook() *Book { return &Book{known: map[string]string{}} }

// Add adds a fact and returns its id. If the book has an equal fact, it returns that id.
func (b *Book) Add(e episode.Evidence) string {
	most := MaxSubject
	if e.Kind == KindFrame {
		most = maxFrame
	}
	e.Subject, e.Text = Cut(e.Subject, most), Cut(e.Text, MaxText)
	key := strings.Join([]string{e.Kind, e.Subject, e.Text, valueText(e.Value), e.Unit}, "\x1f")
	if id, ok := b.known[key]; ok {
		return id
	}
	e.ID = "E" + strconv.Itoa(len(b.Entries)+1)
	b.Entries = append(b.Entries, e)
	b.known[key] = e.ID
	return e.ID
}

// valueText writes a value exactly; unknown is empty.
func valueText(value *float64) string {
	if value == nil {
		return ""
	}
	return strconv.FormatFloat(*value, 'g', -1, 64)
}

// Metric adds a number with its unit and returns its id.
func (b *Book) Metric(subject string, value float64, unit, text string) string {
	return b.Add(episode.Evidence{Kind: kindMetric, Subject: subject, Value: &value, Unit: unit, Text: text})
}

// Setting adds a setting and returns its id. A value that may be a secret is masked.
func (b *Book) Setting(key, value string) string {
	value = redact.Setting(key, value)
	return b.Add(episode.Evidence{Kind: kindConfig, Subject: key, Text: key + ": " + value})
}

// Find returns the entry with that id; ok is false if there is none.
func (b *Book) Find(id string) (episode.Evidence, bool) {
	for _, e := range b.Entries {
		if e.ID == id {
			return e, true
		}
	}
	return episode.Evidence{}, false
}

// Source adds the code of a frame and returns its id. Lines of code stay lines.
func (b *Book) Source(s Source) string {
	s.Code = CleanCode(s.Code)
	lines := strings.Count(s.Code, "\n") + 1
	return b.Add(episode.Evidence{
		Kind: KindSource, Subject: s.Frame, File: Clean(s.File, MaxSubject), Line: s.Line, Code: s.Code,
		Text: fmt.Sprintf("%s line %d has the code of %s (%d lines)", Clean(s.File, MaxSubject), s.Line,
			Clean(s.Frame, MaxSubject), lines),
	})
}

// Exception adds the cause of a job's failures and returns its id.
func (b *Book) Exception(text string) string {
	return b.Add(episode.Evidence{Kind: kindCause, Subject: "first cause of restarts", Text: text})
}

// Prior adds an earlier recommendation and returns its id.
func (b *Book) Prior(p Prior) string {
	return b.Add(episode.Evidence{
		Kind: kindPrior, Subject: p.Category,
		Text: fmt.Sprintf("recommended on %s: %s; %s", p.When.UTC().Format(time.DateOnly), p.Title, p.Outcome),
	})
}

// Settings adds the settings whose key contains one of the fragments, at most
// maxSettingsCited, sorted by key. It returns their ids.
func (b *Book) Settings(config map[string]string, fragments []string) []string {
	var ids []string
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if slices.ContainsFunc(fragments, func(f string) bool { return strings.Contains(key, f) }) &&
			len(ids) < maxSettingsCited {
			ids = append(ids, b.Setting(key, config[key]))
		}
	}
	return ids
}

// maxSettingsCited is the greatest number of settings that a finding cites.
const maxSettingsCited = 3
