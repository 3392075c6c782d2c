package release_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	someDigest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	// inspected is how docker buildx imagetools inspect answers.
	inspected = "Name:      docker.io/library/golang\nMediaType: application/vnd.oci.image.index.v1+json\n" +
		"Digest:    " + someDigest + "\n\nManifests:\n  Digest:    sha256:other\n"
)

// withDocker is the environment with a docker that answers so.
func withDocker(t *testing.T, answer string) []string {
	t.Helper()
	dir := t.TempDir()
	script := "#!/bin/sh\n[ \"$1 $2 $3\" = 'buildx imagetools inspect' ] || exit 1\ncat <<'END'\n" + answer + "END\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "docker"), []byte(script), 0o700))
	return append(os.Environ(), "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

// The image that builds a release is the one of a digest, and the log of the workflow names it.
func TestTheBuildImageOfAReleaseIsPinned(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"pin", "Dockerfile"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(read(t, "deploy/docker/"+name)), 0o700))
	}
	pin := func(answer string, arguments ...string) (string, error) {
		run := exec.CommandContext(t.Context(), filepath.Join(dir, "pin"), arguments...)
		run.Env = withDocker(t, answer)
		out, err := run.Output()
		return string(out), err
	}
	_, err := pin("ERROR: not found\n", "--write")
	require.Error(t, err)
	for range 2 { // a Dockerfile that is pinned can be pinned anew
		said, err := pin(inspected, "--write")
		require.NoError(t, err)
		require.Regexp(t, `^GO_IMAGE=golang:[0-9.]+-bookworm@`+someDigest+"\n$", said)
		text, err := os.ReadFile(filepath.Join(dir, "Dockerfile"))
		require.NoError(t, err)
		require.Contains(t, string(text), "\nARG "+said)
	}

	var arguments string
	pinned := false
	for _, step := range releases(t).Jobs["image"].Steps {
		pinned = pinned || strings.Contains(step.Run, `deploy/docker/pin | tee -a "$GITHUB_ENV"`)
		if text, ok := step.With["build-args"].(string); ok {
			require.True(t, pinned, "the digest is known before the build")
			arguments = text
		}
	}
	require.Contains(t, arguments, "GO_IMAGE=${{ env.GO_IMAGE }}\n")
}
