package grafana

import (
	"html"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// The rules of this surface. It is read at three in the morning, in a tooltip some 300
// pixels wide. What happens and when comes first, then the first thing to do, then where
// to look; the caller composes the text in this order. This file makes it plain: no
// markup, and short.

// maxText bounds an annotation's text, in characters.
const maxText = 1500

// Tags: few and short, since Grafana looks annotations up by them.
const (
	maxTags = 6
	maxTag  = 50
)

// tagPrefix begins the tag that belongs to one episode alone.
const tagPrefix = "fsc:"

// tagOf is the tag that finds an episode's annotation again.
func tagOf(ep episode.Episode) string { return tagPrefix + ep.ID }

// tagsOf are all tags of an episode's annotation.
func tagsOf(ep episode.Episode, more []string) []string {
	tags := []string{tagOf(ep), "flink-sidecar"}
	add := func(tag string) {
		// Data frames carry tags joined by commas.
		tag = plaintext.Paragraph(strings.NewReplacer(",", " ", "\n", " ").Replace(tag), maxTag)
		if tag != "" && len(tags) < maxTags {
			tags = append(tags, tag)
		}
	}
	for _, named := range []struct{ name, value string }{
		{"job:", ep.Alert.Job},
		{"rule:", ep.Alert.Rule},
		{"cluster:", ep.Alert.Cluster},
	} {
		if named.value != "" {
			add(named.name + named.value)
		}
	}
	for _, tag := range more {
		add(tag)
	}
	return tags
}

// escaped is text that is safe for Grafana, which renders HTML.
func escaped(text string) string { return html.EscapeString(plaintext.Paragraph(text, maxText)) }
