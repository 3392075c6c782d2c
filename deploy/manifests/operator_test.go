package manifests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Without the Prometheus Operator its kinds are not known, and apply fails. The file of each says so,
// and the document.
func TestWhatNeedsThePrometheusOperatorSaysSo(t *testing.T) {
	files, err := filepath.Glob("../kubernetes/*/podmonitor.yaml")
	require.NoError(t, err)
	require.Len(t, files, 2)
	document, err := os.ReadFile("../../docs/installation.md")
	require.NoError(t, err)
	_, said, found := strings.Cut(string(document), "**The Prometheus Operator.**")
	require.True(t, found)
	said, _, _ = strings.Cut(said, "\n\n")
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		require.True(t, strings.HasPrefix(string(text), "# Needs the Prometheus Operator: remove it from kustomization.yaml"), file)
		require.Contains(t, said, "`"+filepath.Base(filepath.Dir(file))+"`")
	}
}
