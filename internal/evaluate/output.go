package evaluate

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/flink-sidecar/flink-sidecar/internal/episode"
	"github.com/flink-sidecar/flink-sidecar/internal/episode/report"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// The names in the output directory.
const (
	reportFile  = "report.md"
	bundleDir   = "bundle"
	profilesDir = "profiles"
)

// checkOutput refuses a directory that is in use, before anything is measured.
func checkOutput(dir string) error {
	if dir == "" {
		return nil
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("--output: %w (name a directory that is new or empty)", err)
	case len(entries) > 0:
		return fmt.Errorf("--output=%s has files already (name a directory that is new or empty)", dir)
	}
	return nil
}

// write writes the report, the evidence and the profiles. What the sidecar does not have any
// more is missing there, and said.
func (r *run) write(ctx context.Context) error {
	if r.Output == "" {
		return nil
	}
	if err := os.MkdirAll(r.Output, 0o755); err != nil {
		return fmt.Errorf("%w (name a writable directory with --output)", err)
	}
	var ep episode.Episode
	var failures []error
	if r.Episode != "" {
		found, _, err := r.Client.Episode(ctx, r.Episode)
		if err != nil {
			return err
		}
		ep = found
		failures = append(failures, r.writeBundle(ctx), r.writeProfiles(ctx, ep))
	}
	return errors.Join(append(failures, r.writeReport(ep))...)
}

func (r *run) writeReport(ep episode.Episode) error {
	var text bytes.Buffer
	err := outcome.EvaluationMarkdown(&text, r.Evaluation)
	if err == nil && ep.Advice != nil {
		fmt.Fprintln(&text)
		err = report.AdviceMarkdown(&text, *ep.Advice)
	}
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(r.Output, reportFile), text.Bytes(), 0o644)
}

func (r *run) writeBundle(ctx context.Context) error {
	answer, err := r.Client.Bundle(ctx, r.Episode)
	if err != nil {
		return fmt.Errorf("the evidence: %w", err)
	}
	return bundlefile.Files(answer.Files).Write(filepath.Join(r.Output, bundleDir))
}

// odd are the characters of a process' id that do not belong in the name of a file.
var odd = regexp.MustCompile(`[^A-Za-z0-9.-]+`)

func (r *run) writeProfiles(ctx context.Context, ep episode.Episode) error {
	dir := filepath.Join(r.Output, profilesDir)
	if len(ep.Profiles) > 0 {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	for _, p := range ep.Profiles {
		page, err := r.Client.ProfilePage(ctx, p.Hash)
		if err != nil {
			r.Say(err.Error())
			continue
		}
		ending := ".json"
		if p.HasFlameGraph() {
			ending = ".html"
		} else if p.Mode == "THREADS" {
			ending = ".collapsed"
		}
		name := fmt.Sprintf("%s_%s_%s%s", odd.ReplaceAllString(p.ID, "-"), odd.ReplaceAllString(p.Mode, "-"),
			odd.ReplaceAllString(p.Process+p.VertexName, "-"), ending)
		if err := os.WriteFile(filepath.Join(dir, name), page, 0o644); err != nil {
			return err
		}
	}
	return nil
}
