package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Answer is what is known of a scenario.
type Answer struct {
	// Title says in a few words what the scenario is, How in a sentence how it was planted.
	Title string `yaml:"title"`
	How   string `yaml:"how"`
	// Planted tells the recorder what to run. This package does not read it.
	Planted yaml.Node `yaml:"planted"`
	Answer  Truth     `yaml:"answer"`
	// KnownMisses says why advice fails a check today, by the name of the check. A scenario
	// that fails exactly these is no surprise.
	KnownMisses map[string]string `yaml:"known_misses"`
}

// Truth is what advice must say.
type Truth struct {
	// Healthy is true for a job with nothing planted. Then no finding may be above info or
	// promise a gain of 10 % or more, and no other field counts.
	Healthy bool `yaml:"healthy"`
	// Category lists the categories that are right; the first finding must have one of them.
	Category []string `yaml:"category"`
	// Also lists categories of what was planted besides. One of them may come first.
	Also []string `yaml:"also"`
	// Beside lists categories of work that does not limit the job: findings of it may not
	// be above info or promise a gain of 10 % or more.
	Beside []string `yaml:"beside"`
	// Operator lists names of which the headline must hold one; empty is no check.
	Operator []string `yaml:"operator"`
	// Frames lists prefixes of which the finding must cite a frame; empty is no check.
	Frames []string `yaml:"frames"`
	// Change lists texts of which the recommended change must hold one; empty is no check.
	Change []string `yaml:"change"`
	// Share counts the planted work; nil if no profile shows it.
	Share *Share `yaml:"share"`
}

// Share says which samples are of the planted work, and of which samples they are a part.
type Share struct {
	// Mode is the mode of the profiles that are counted.
	Mode string `yaml:"mode"`
	// Frames are prefixes: a stack that holds a frame with one of them counts. Prefixes
	// joined by & must all be held; one that begins with ! must not.
	Frames []string `yaml:"frames"`
	// Among are prefixes of which each stack of the whole must hold one; empty is every
	// task thread at work.
	Among []string `yaml:"of"`
}

// parseAnswer reads answer.yaml strictly.
func parseAnswer(text []byte) (Answer, error) {
	var a Answer
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	if err := decoder.Decode(&a); err != nil {
		return Answer{}, fmt.Errorf("it cannot be read: %w (docs/scenarios.md lists the fields)", err)
	}
	return a, a.check()
}

func (a Answer) check() error {
	truth := a.Answer
	switch {
	case a.Title == "" || a.How == "":
		return errors.New("title and how must say what was planted")
	case truth.Healthy && (len(truth.Category) > 0 || truth.Share != nil):
		return errors.New("a healthy job has no category and no share (remove healthy, or the others)")
	case !truth.Healthy && len(truth.Category) == 0:
		return errors.New("category is missing (name the right one, or set healthy: true)")
	case truth.Share != nil && (truth.Share.Mode == "" || len(truth.Share.Frames) == 0):
		return errors.New("share needs mode and frames")
	}
	for name, reason := range a.KnownMisses {
		if !slices.Contains(Checks(), name) {
			return fmt.Errorf("known_misses: there is no check %q (choose from %s)", name, strings.Join(Checks(), ", "))
		}
		if reason == "" {
			return fmt.Errorf("known_misses: %s needs a reason", name)
		}
	}
	return nil
}
