package llm

import (
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/template"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// BuiltInTemplate is the template of a prompt that a configuration can replace.
//
//go:embed prompt.tmpl
var BuiltInTemplate string

// The bounds of a template and of a focus, in bytes.
const (
	MaxTemplate = 64 << 10
	MaxFocus    = 2000
)

// Layout is how the message about a job is written. The zero value is the built-in one. The
// system message with the rules of evidence is always the same.
type Layout struct {
	// Focus is what the operator wants to know; empty for everything.
	Focus string
	tmpl  *template.Template
}

// parts are the fields of a template. Each is a text of whole lines in which recorded data
// cannot end its element.
type parts struct {
	// Job is the name of the job, About its version, alert and bottleneck.
	Job, About string
	// Evidence is the numbered table with the lines of source code, Findings what the rules
	// found, Prior what was recommended before, Cautions what is missing.
	Evidence, Findings, Prior, Cautions string
	Focus, Task                         string
}

// NewLayout reads a template from a file; no file is the built-in one.
func NewLayout(file, focus string) (Layout, error) {
	layout := Layout{Focus: strings.TrimSpace(focus)}
	if file == "" {
		return layout, nil
	}
	text, err := readTemplate(file)
	if err == nil {
		layout.tmpl, err = parseTemplate(text)
	}
	if err != nil {
		return layout, fmt.Errorf("advisor.prompt_template_file %s: %w (sidecar advise --print-prompt-template prints "+
			"one that works)", file, err)
	}
	return layout, nil
}

func readTemplate(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	text, err := io.ReadAll(io.LimitReader(file, MaxTemplate+1))
	if err == nil && len(text) > MaxTemplate {
		err = fmt.Errorf("it has more than %d bytes", MaxTemplate)
	}
	return string(text), err
}

// parseTemplate parses a template and tries it: a field that does not exist shows then.
func parseTemplate(text string) (*template.Template, error) {
	tmpl, err := template.New("prompt").Parse(text)
	if err != nil {
		return nil, err
	}
	const mark = "E1 | frame | the evidence"
	var out strings.Builder
	if err := tmpl.Execute(&out, parts{Job: "job", Evidence: mark, Task: "task"}); err != nil {
		return nil, err
	}
	if !strings.Contains(out.String(), mark) {
		return nil, errors.New("it does not use {{.Evidence}}, without which no finding can be checked")
	}
	return tmpl, nil
}

// builtIn is the template that is used without a configuration.
var builtIn = template.Must(template.New("prompt").Parse(BuiltInTemplate))

// write writes the message about a bundle.
func (l Layout) write(b *evidence.Bundle, adv episode.Advice, limit int) string {
	tmpl := l.tmpl
	if tmpl == nil {
		tmpl = builtIn
	}
	p := partsOf(b, adv, limit)
	p.Focus = l.Focus
	var out strings.Builder
	if err := tmpl.Execute(&out, p); err != nil {
		return builtInText(p) // a template that fails on this bundle only
	}
	return out.String()
}

func builtInText(p parts) string {
	var out strings.Builder
	if err := builtIn.Execute(&out, p); err != nil {
		return p.Evidence + p.Task
	}
	return out.String()
}

func partsOf(b *evidence.Bundle, adv episode.Advice, limit int) parts {
	text := func(write func(*strings.Builder)) string {
		var out strings.Builder
		write(&out)
		return out.String()
	}
	return parts{
		Job:      evidence.Clean(b.Job, evidence.MaxSubject),
		About:    text(func(out *strings.Builder) { writeAbout(out, b) }),
		Evidence: text(func(out *strings.Builder) { writeEvidence(out, adv, limit) }),
		Findings: text(func(out *strings.Builder) { writeFindings(out, adv.Findings) }),
		Prior:    text(func(out *strings.Builder) { writePrior(out, b.Prior) }),
		Cautions: text(func(out *strings.Builder) {
			for _, warning := range adv.Warnings {
				line(out, "caution", warning)
			}
		}),
		Task: task,
	}
}
