package web

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

// findingView is a finding with the evidence that it cites.
type findingView struct {
	episode.Finding
	Cited []evidenceView
	// Mark is what people say of it; nil for nothing.
	Mark *episode.Mark
	// Outcome is what came of it; nil for nothing yet.
	Outcome *outcomeView
}

// longestID bounds the id of a finding: those of episodes are shorter.
const longestID = 64

// Markable is the id of the finding if it can be marked; empty otherwise.
func (f findingView) Markable() string {
	if _, ok := episode.OfFinding(f.ID); !ok || len(f.ID) > longestID {
		return ""
	}
	return f.ID
}

// Gain is what the change may bring.
func (f findingView) Gain() string {
	if text := gain(f.Impact); text != "" {
		return "gain " + text
	}
	return "gain not measurable"
}

// Mood is the style of the severity.
func (f findingView) Mood() string {
	switch f.Severity {
	case episode.Critical:
		return "bad"
	case episode.Warning:
		return "warn"
	}
	return "plain"
}

// longestAddress is in bytes; longer ones are no addresses of documentation.
const longestAddress = 300

// ReadMore is the address of the documentation, empty if there is none that can be a link.
func (f findingView) ReadMore() string {
	if !strings.HasPrefix(f.Reference, "https://") || len(f.Reference) > longestAddress {
		return ""
	}
	return f.Reference
}

// Sure is the confidence in words.
func (f findingView) Sure() string { return fmt.Sprintf("%.0f %% sure", 100*f.Confidence) }

// By is the source of the finding.
func (f findingView) By() string {
	if name, ok := strings.CutPrefix(f.Source, "rule:"); ok {
		return "rule " + name
	}
	if model, ok := strings.CutPrefix(f.Source, "llm:"); ok {
		return "LLM " + model
	}
	return f.Source
}

type evidenceView struct{ episode.Evidence }

// Amount is the value in its unit; empty where the fact is not a number.
func (e evidenceView) Amount() string {
	if e.Value == nil {
		return ""
	}
	return amount(e.Unit, e.Value)
}

// Named reports whether the text itself has the subject.
func (e evidenceView) Named() bool { return strings.Contains(e.Text, e.Subject) }

// Bounds of code on the page.
const (
	codeShown   = 100 // lines
	longestCode = 300 // characters of a line
)

// CodeLines are the lines of code of a fact, with their indentation.
func (e evidenceView) CodeLines() []string {
	if e.Code == "" {
		return nil
	}
	lines := first(codeShown, strings.Split(e.Code, "\n"))
	for i, text := range lines {
		lines[i] = plaintext.Visible(plaintext.Label(text, longestCode))
	}
	return lines
}

// cited attaches the cited evidence to each finding and returns the rest.
func cited(a episode.Advice) (findings []findingView, others []evidenceView) {
	evidence := first(evidenceShown, a.Evidence)
	used := map[string]bool{}
	for _, f := range first(findingsShown, a.Findings) {
		view := findingView{Finding: f}
		for _, id := range first(evidenceShown, f.Evidence) {
			i := slices.IndexFunc(evidence, func(e episode.Evidence) bool { return e.ID == id })
			if i < 0 {
				view.Cited = append(view.Cited, evidenceView{episode.Evidence{ID: id, Text: unknown}})
				continue
			}
			view.Cited = append(view.Cited, evidenceView{evidence[i]})
			used[id] = true
		}
		findings = append(findings, view)
	}
	for _, e := range evidence {
		if !used[e.ID] {
			others = append(others, evidenceView{e})
		}
	}
	return findings, others
}

// profileView is a profile with its hottest frames.
type profileView struct {
	episode.Profile
	// Of is the process or the vertex that was sampled.
	Of string
	// Page is Hash, or empty if that is not a hash.
	Page string
	// Opens is set if the page is a flame graph that a browser shows.
	Opens     bool
	Hot, More []hotView
}

// hotView is a frame with its shares of the samples.
type hotView struct {
	Name        string
	Self, Total float64
}

// subject is the process or the vertex of a profile. Old profiles of a vertex do not name
// it.
func subject(p episode.Profile) string {
	name := cmp.Or(p.Process, p.VertexName, p.Vertex, "all processes of the vertex")
	if p.Subtask != nil {
		return fmt.Sprintf("%s, subtask %d", name, *p.Subtask)
	}
	return name
}

func newProfileView(p episode.Profile) profileView {
	v := profileView{Profile: p, Of: subject(p)}
	if sum, err := hex.DecodeString(p.Hash); err == nil && len(sum) == sha256.Size {
		v.Page, v.Opens = p.Hash, p.HasFlameGraph()
	}
	if p.Samples <= 0 {
		return v
	}
	for i, frame := range first(framesShown, p.Hot) {
		row := hotView{frame.Name, share(frame.Self, p.Samples), share(frame.Total, p.Samples)}
		if i < framesFirst {
			v.Hot = append(v.Hot, row)
		} else {
			v.More = append(v.More, row)
		}
	}
	return v
}

// share is between 0 and 1, whatever was stored.
func share(part, of int64) float64 { return min(max(float64(part)/float64(of), 0), 1) }

// Size is the number of samples and the sampled time.
func (p profileView) Size() string {
	if p.Duration <= 0 { // Flink does not report the sampled time
		return plural(p.Samples, "sample")
	}
	return plural(p.Samples, "sample") + " in " + length(p.Duration.Seconds())
}
