package internal_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEveryFuzzTargetRuns compares FUZZ of the Makefile with the targets of the packages: go test
// only warns of a target that is not there.
func TestEveryFuzzTargetRuns(t *testing.T) {
	raw, err := os.ReadFile("../Makefile")
	require.NoError(t, err)
	list := regexp.MustCompile(`(?s)\nFUZZ := (.*?[^\\])\n`).FindStringSubmatch(string(raw))
	require.NotNil(t, list)
	text := list[1]
	prefix := regexp.MustCompile(`\$\(addprefix ([^,]+),([^)]*)\)`)
	for _, m := range prefix.FindAllStringSubmatch(text, -1) {
		text = strings.Replace(text, m[0], m[1]+strings.Join(strings.Fields(m[2]), " "+m[1]), 1)
	}
	var listed []string
	for word := range strings.FieldsSeq(text) {
		if word != "\\" {
			listed = append(listed, word)
		}
	}
	require.ElementsMatch(t, fuzzTargets(t), listed)
}

// fuzzTargets are the targets of this module, as DIRECTORY:NAME.
func fuzzTargets(t *testing.T) (out []string) {
	t.Helper()
	target := regexp.MustCompile(`(?m)^func (Fuzz\w+)\(f \*testing\.F\)`)
	require.NoError(t, filepath.WalkDir("..", func(path string, entry os.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && path != "..":
			if _, err := os.Stat(filepath.Join(path, "go.mod")); err == nil || entry.Name() == "node_modules" {
				return filepath.SkipDir
			}
		case strings.HasSuffix(path, "_test.go"):
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range target.FindAllSubmatch(text, -1) {
				out = append(out, strings.TrimPrefix(filepath.ToSlash(filepath.Dir(path)), "../")+":"+string(m[1]))
			}
		}
		return nil
	}))
	return out
}
