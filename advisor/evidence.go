package advisor

import (
	"fmt"
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
	// bounds says, by id, what the cited evidence allows a gain to be.
	bounds map[string]bound
}

// bound is the limit that a piece of evidence sets to a gain. Samples are
// counted anew for each claim, since what several frames have in common must
// count once; other shares stand for themselves.
type bound struct {
	frame string  // stacks with that frame, by dotted name
	rule  int     // stacks that belong to that rule; -1 is none
	share float64 // a share of the bottleneck's time, for anything else
}

func newBook() *book { return &book{known: map[string]string{}, bounds: map[string]bound{}} }

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

// share is a metric that bounds a gain.
func (b *book) share(subject string, value float64, text string) string {
	id := b.metric(subject, value, "ratio", text)
	b.bounds[id] = bound{rule: -1, share: value}
	return id
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

// What evidence may take up, in characters and in number. A frame of C++ can
// have thousands of characters; a name that long helps nobody.
const (
	maxSubject       = 160
	maxText          = 400
	maxSettingsCited = 3
)

// clean makes one bounded line of text that came from outside.
func clean(text string, limit int) string {
	text = strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\r', r == '\t':
			return ' '
		case r < ' ', r == 0x7f, r == 0xfffd, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r >= 0x200b && r <= 0x200f:
			return -1 // controls, and marks that make text read otherwise than it is
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	if runes := []rune(text); len(runes) > limit {
		return string(runes[:limit-1]) + "…"
	}
	return text
}

// percent writes a ratio for people.
func percent(ratio float64) string { return fmt.Sprintf("%.1f %%", ratio*100) }
