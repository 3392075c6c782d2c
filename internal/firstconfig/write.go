package firstconfig

import (
	"bytes"
	"cmp"
	_ "embed"
	"fmt"
	"io"
	"os"
	"strings"
	"text/template"

	"go.yaml.in/yaml/v3"

	"github.com/flink-sidecar/flink-sidecar/internal/plaintext"
)

//go:embed init.tmpl
var file string

//go:embed probe.tmpl
var probe string

// Write writes the configuration. The sections of the probe are comments unless everything
// in them is known: so the file is valid as it is.
func (f First) Write(w io.Writer) error {
	var sections bytes.Buffer
	if f.Probe != nil {
		if err := execute(&sections, probe, f.Probe); err != nil {
			return err
		}
	}
	text := sections.String()
	if f.Probe != nil && len(f.Probe.Missing()) > 0 {
		text = commentedOut(text)
	}
	return execute(w, file, struct {
		First
		Sections string
	}{f, text})
}

// Create writes the configuration to a new file that only its owner reads. It never overwrites
// one: then the error is fs.ErrExist.
func (f First) Create(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = f.Write(file)
	if err := cmp.Or(err, file.Close()); err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// NextStep is what its reader does next.
func (f First) NextStep() string {
	switch {
	case f.Probe == nil:
		return "no running job reads from Kafka, so it has no probe; review it"
	case len(f.Probe.Missing()) > 0:
		return "to measure latency, remove the comment signs and fill in " + strings.Join(f.Probe.Missing(), ", ")
	}
	return "compare the sinks and the payload of the probe"
}

func execute(w io.Writer, text string, data any) error {
	tmpl, err := template.New("sidecar.yml").Funcs(template.FuncMap{
		"quote": quote, "line": line, "indent": indent, "join": strings.Join,
	}).Parse(text)
	if err != nil {
		return fmt.Errorf("init: %w", err)
	}
	return tmpl.Execute(w, data)
}

// quote writes a name from the cluster as a YAML string: it may hold anything.
func quote(s string) (string, error) {
	node := yaml.Node{Kind: yaml.ScalarNode, Style: yaml.DoubleQuotedStyle, Value: s, Tag: "!!str"}
	out, err := yaml.Marshal(&node)
	return strings.TrimSpace(string(out)), err
}

// line makes text fit for a comment.
func line(text string) string {
	if text = plaintext.Line(text, 300); text == "" {
		return "-"
	}
	return text
}

// indent moves each line of a payload below its key.
func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n    ")
}

// commentedOut makes each line a comment.
func commentedOut(text string) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRight("# "+l, " ")
	}
	return strings.Join(lines, "\n") + "\n"
}
