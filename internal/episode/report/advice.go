package report

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// Advice prints advice for people: findings with their evidence, then the rest.
func Advice(w io.Writer, advice episode.Advice) error {
	return adviceText{w: w, item: "  "}.write(advice)
}

// AdviceMarkdown prints the same as Markdown.
func AdviceMarkdown(w io.Writer, advice episode.Advice) error {
	return adviceText{w: w, heading: "## ", item: "- "}.write(advice)
}

// AdviceAs prints advice as text, markdown or json.
func AdviceAs(w io.Writer, advice episode.Advice, format string) error {
	switch format {
	case "json":
		encoder := json.NewEncoder(w)
		encoder.SetIndent("", "  ")
		return encoder.Encode(advice)
	case "markdown":
		return AdviceMarkdown(w, advice)
	}
	return Advice(w, advice)
}

// adviceText prints advice as text or, with a heading, as Markdown.
type adviceText struct {
	w             io.Writer
	heading, item string
}

// write prints findings with their evidence, then the rest of the advice.
func (t adviceText) write(advice episode.Advice) error {
	var faults []error
	say := func(format string, args ...any) {
		_, err := fmt.Fprintf(t.w, format, args...)
		faults = append(faults, err)
	}
	if len(advice.Findings) == 0 {
		say("%s\n", advice.NoFinding())
	}
	for _, f := range advice.Findings {
		say("%s%d. %s%s\n", t.heading, f.Rank, oneLine(f.Title), episode.ImpactText(f))
		say("%s%s, %s, confidence %.0f %%, by %s\n", t.item, f.Severity, f.Category, 100*f.Confidence,
			oneLine(f.Source))
		for _, part := range []struct{ name, text string }{
			{"Why", f.Why},
			{"Change", f.Change},
			{"Trade-offs", f.TradeOffs},
			{"Read more", f.Reference},
		} {
			if part.text != "" {
				say("%s%s: %s\n", t.item, part.name, oneLine(part.text))
			}
		}
		for _, e := range cited(advice, f) {
			say("%s%s: %s\n", t.item, e.ID, oneLine(e.Text))
			t.code(say, e)
		}
		say("\n")
	}
	t.list(say, "Observed", advice.Observations)
	t.list(say, "Warnings", advice.Warnings)
	t.list(say, "Rejected", rejections(advice))
	return errors.Join(faults...)
}

// code prints the lines of code of a fact: in Markdown as a block below the item.
func (t adviceText) code(say func(string, ...any), e episode.Evidence) {
	if e.Code == "" {
		return
	}
	lines := strings.Split(e.Code, "\n")
	if t.heading == "" {
		for i, text := range lines {
			say("      %4d  %s\n", e.Line+i, plaintext.Visible(text))
		}
		return
	}
	fence := "```"
	for strings.Contains(e.Code, fence) {
		fence += "`"
	}
	say("\n  %s%s\n", fence, strings.TrimPrefix(path.Ext(oneLine(e.File)), "."))
	for _, text := range lines {
		say("  %s\n", plaintext.Visible(text))
	}
	say("  %s\n\n", fence)
}

func (t adviceText) list(say func(string, ...any), name string, lines []string) {
	if len(lines) == 0 {
		return
	}
	say("%s%s\n", t.heading, name)
	for _, line := range lines {
		say("%s%s\n", t.item, oneLine(line))
	}
	say("\n")
}

func cited(advice episode.Advice, f episode.Finding) []episode.Evidence {
	return slices.DeleteFunc(slices.Clone(advice.Evidence),
		func(e episode.Evidence) bool { return !slices.Contains(f.Evidence, e.ID) })
}

func rejections(advice episode.Advice) []string {
	var lines []string
	for _, r := range advice.Rejected {
		lines = append(lines, fmt.Sprintf("%s (%s: %s)", cmp.Or(r.Title, r.Source), r.Reason, r.Detail))
	}
	return lines
}

// oneLine keeps outside text on one line, so that it cannot imitate our output.
func oneLine(text string) string { return strings.Join(strings.Fields(plaintext.Line(text, 0)), " ") }
