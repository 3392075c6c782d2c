package scenario

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
)

// AnswerName is the file with the answer in a scenario's directory.
const AnswerName = "answer.yaml"

//go:embed recorded
var recorded embed.FS

// Scenario is a recorded bundle with its answer.
type Scenario struct {
	Name string
	Answer
	Bundle evidence.Bundle
}

// Recorded returns the scenarios that are part of the program, by name.
func Recorded() ([]Scenario, error) {
	dir, err := os.MkdirTemp("", "scenarios-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	if err := os.CopyFS(dir, recorded); err != nil {
		return nil, fmt.Errorf("the recorded scenarios cannot be unpacked: %w (free space, or set TMPDIR)", err)
	}
	return Open(filepath.Join(dir, "recorded"))
}

// Open returns the scenarios in the directories below dir, by name. A directory without a
// bundle is an error, as is one without an answer.
func Open(dir string) ([]Scenario, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var all []Scenario
	for _, entry := range entries {
		if !entry.IsDir() {
			continue
		}
		s, err := open(filepath.Join(dir, entry.Name()))
		if err != nil {
			return nil, fmt.Errorf("scenario %s: %w", entry.Name(), err)
		}
		all = append(all, s)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s has no scenario (each is a directory with %s and %s)", dir, AnswerName,
			bundlefile.Name)
	}
	return all, nil
}

func open(dir string) (Scenario, error) {
	s := Scenario{Name: filepath.Base(dir)}
	text, err := os.ReadFile(filepath.Join(dir, AnswerName))
	if errors.Is(err, fs.ErrNotExist) {
		return s, fmt.Errorf("%s is missing (docs/scenarios.md says how to write one)", AnswerName)
	}
	if err != nil {
		return s, err
	}
	if s.Answer, err = parseAnswer(text); err != nil {
		return s, fmt.Errorf("%s: %w", AnswerName, err)
	}
	bundle, warnings, err := bundlefile.Read(dir)
	if err == nil && len(warnings) > 0 {
		err = errors.New(warnings[0])
	}
	s.Bundle = bundle
	return s, err
}
