package advise

import (
	"context"
	"path/filepath"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence"
	"github.com/flink-sidecar/flink-sidecar/internal/evidence/bundlefile"
	"github.com/flink-sidecar/flink-sidecar/internal/profilefile"
)

// OfProfiles is a bundle of profiles in files, and of nothing else.
func OfProfiles(files []string) (bundle evidence.Bundle, err error) {
	for _, name := range files {
		p, err := profilefile.Open(name, "")
		if err != nil {
			return evidence.Bundle{}, err
		}
		bundle.Profiles = append(bundle.Profiles, evidence.Profile{
			Name: name, Mode: string(p.Mode.Judged()), Stacks: p.Tree.Stacks(),
		})
	}
	return bundle, nil
}

// OfDirectory reads a bundle from its directory. The warnings, about profiles that are left out,
// are part of the bundle too.
func OfDirectory(dir string) (bundle evidence.Bundle, warnings []string, err error) {
	bundle, warnings, err = bundlefile.Read(dir)
	bundle.Warnings = append(bundle.Warnings, warnings...)
	return bundle, warnings, err
}

// WriteEvidence writes the evidence of an episode to a directory, which must be new or empty, and
// returns its hash. With hide it writes placeholders for names, and their meaning to a file beside
// the directory.
func WriteEvidence(ctx context.Context, client *api.Client, id, dir string, hide bool) (hash string, err error) {
	answer, err := client.Bundle(ctx, id)
	if err != nil {
		return "", err
	}
	files := bundlefile.Files(answer.Files)
	if hide {
		if files, err = files.Anonymous(filepath.Clean(dir) + "-names.json"); err != nil {
			return "", err
		}
	}
	return files.Hash(), files.Write(dir)
}
