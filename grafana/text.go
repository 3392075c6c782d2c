package grafana

import (
	"html"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// The rules of this surface. It is read at three in the morning, in a tooltip some 300
// pixels wide. What happens and when comes first, then the first thing to do, then where
// to look; the caller composes the text in this order. This file makes it plain and short:
// the only markup is ours, line breaks and the link.

// maxText bounds an annotation's text, in characters.
const maxText = 1500

// Tags: few and short, since Grafana looks annotations up by them.
const (
	maxTags = 7
	maxTag  = 50
)

// ownTag is on every annotation of a sidecar; tagPrefix begins the tag that belongs to one
// annotation alone. clusterTag and makerTag begin those by which an old one is found: of its cluster or,
// if it has none, of the first cluster of the sidecar that made it.
const (
	ownTag     = "flink-sidecar"
	tagPrefix  = "fsc:"
	clusterTag = "cluster:"
	makerTag   = "sidecar:"
)

// tagOf is the tag that finds an annotation again.
func tagOf(id string) string { return tagPrefix + id }

// tagText is a tag as it is stored. Data frames carry tags joined by commas.
func tagText(tag string) string {
	return plaintext.Paragraph(strings.NewReplacer(",", " ", "\n", " ").Replace(tag), maxTag)
}

// tagsOf are all tags of an annotation.
func tagsOf(of Annotation, more []string) []string {
	tags := []string{tagOf(of.ID), ownTag}
	add := func(tag string) {
		if tag = tagText(tag); tag != "" && len(tags) < maxTags {
			tags = append(tags, tag)
		}
	}
	for _, named := range []struct{ name, value string }{
		{"job:", of.Job},
		{"rule:", of.Rule},
		{clusterTag, of.Cluster},
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

// shown is a text as Grafana's tooltip needs it, which is HTML where a line feed is a blank: lines
// are kept, and a link to the evidence follows them. It is empty if there is no text.
func shown(text, link string) string {
	lines := strings.ReplaceAll(escaped(text), "\n", "<br>")
	if lines == "" || link == "" {
		return lines
	}
	return lines + `<br><a href="` + html.EscapeString(link) + `" target="_blank">Evidence</a>`
}

// escaped is text that is safe for Grafana, which renders HTML.
func escaped(text string) string { return html.EscapeString(plaintext.Paragraph(text, maxText)) }
