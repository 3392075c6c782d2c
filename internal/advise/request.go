package advise

import (
	"errors"

	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
)

// Request is what the flags of sidecar advise ask for. At most one of Episode, Bundle and Profiles
// is given; with none of them a job is profiled and judged now.
type Request struct {
	// Episode is the id of an episode, Bundle a directory with evidence, Profiles are files.
	Episode  string
	Bundle   string
	Profiles []string
	// Output is a directory for the evidence of Episode; empty writes none. Anonymize writes
	// placeholders for names there.
	Output    string
	Anonymize bool
	// Provider is that of the LLM; empty is the configured one. DryRun prints what it would be sent.
	Provider string
	DryRun   bool
}

// Check returns what is wrong with the combination of flags.
func (r Request) Check() error {
	subjects := 0
	for _, given := range []bool{r.Episode != "", r.Bundle != "", len(r.Profiles) > 0} {
		if given {
			subjects++
		}
	}
	switch {
	case subjects > 1:
		return errors.New("--episode, --bundle and --profile exclude each other (give one of them)")
	case r.Episode != "" && r.Provider != "":
		return errors.New("--provider does not change stored advice (leave it out, or use --bundle or --profile)")
	case r.DryRun && subjects == 0:
		return errors.New("--dry-run needs --bundle, --profile or --episode (sidecar history list shows the ids)")
	case r.Output != "" && r.Episode == "":
		return errors.New("--output needs --episode (sidecar history list shows the ids)")
	case r.Anonymize && r.Output == "":
		return errors.New("--anonymize needs --output (give a directory that is new or empty)")
	case r.Output != "" && r.DryRun:
		return errors.New("--output and --dry-run exclude each other (use --bundle=DIR --dry-run afterwards)")
	}
	return nil
}

// OfFiles reports whether the evidence is in files.
func (r Request) OfFiles() bool { return r.Bundle != "" || len(r.Profiles) > 0 }

// Evidence reads the evidence from its files. The warnings, about profiles that are left out, are
// part of the bundle too.
func (r Request) Evidence() (bundle evidence.Bundle, warnings []string, err error) {
	if r.Bundle != "" {
		return OfDirectory(r.Bundle)
	}
	bundle, err = OfProfiles(r.Profiles)
	return bundle, nil, err
}
