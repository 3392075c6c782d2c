package advisor

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
)

// The kinds of evidence.
const (
	kindFrame  = "frame"
	kindMetric = "metric"
	kindConfig = "config"
)

// book numbers evidence. The same fact is written once.
type book struct {
	entries []episode.Evidence
	known   map[string]string // kind and subject and text to id
}

func newBook() *book { return &book{known: map[string]string{}} }

// add writes a fact down and returns its id.
func (b *book) add(e episode.Evidence) string {
	key := e.Kind + "\x1f" + e.Subject + "\x1f" + e.Text
	if id, ok := b.known[key]; ok {
		return id
	}
	e.ID = "E" + strconv.Itoa(len(b.entries)+1)
	e.Subject, e.Text = clean(e.Subject, maxSubject), clean(e.Text, maxText)
	b.entries = append(b.entries, e)
	b.known[key] = e.ID
	return e.ID
}

func (b *book) metric(subject string, value float64, unit, text string) string {
	return b.add(episode.Evidence{Kind: kindMetric, Subject: subject, Value: &value, Unit: unit, Text: text})
}

func (b *book) setting(key, value string) string {
	value = maskSecret(key, value)
	return b.add(episode.Evidence{Kind: kindConfig, Subject: key, Text: key + ": " + value})
}

// find returns the entry with that id.
func (b *book) find(id string) (episode.Evidence, bool) {
	for _, e := range b.entries {
		if e.ID == id {
			return e, true
		}
	}
	return episode.Evidence{}, false
}

// settings are the ids of the settings whose key begins with one of prefixes
// or contains it, in order of key.
func (b *book) settings(config map[string]string, fragments []string) []string {
	var ids []string
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if slices.ContainsFunc(fragments, func(f string) bool { return strings.Contains(key, f) }) && len(ids) < maxSettingsCited {
			ids = append(ids, b.setting(key, config[key]))
		}
	}
	return ids
}

// maxSettingsCited is how many settings a finding cites at most.
const maxSettingsCited = 3
