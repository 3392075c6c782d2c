package internal_test

import (
	"os"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	notSlug = regexp.MustCompile(`[^\w\s-]`)
)

// TestDocuments holds every Markdown file: its links lead somewhere, its code says its
// language, and its lines are short. Rows of tables and lines with an address may be long.
func TestDocuments(t *testing.T) {
	root, names := tracked(t)
	t.Chdir(root)
	require.Contains(t, names, "README.md")
	for _, name := range names {
		if path.Ext(name) != ".md" {
			continue
		}
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		requireLinks(t, name, string(text))
		requireShortLines(t, name, string(text))
	}
}

func requireLinks(t *testing.T, name, text string) {
	t.Helper()
	for _, found := range link.FindAllStringSubmatch(text, -1) {
		if strings.Contains(found[1], "://") {
			continue
		}
		file, anchor, _ := strings.Cut(found[1], "#")
		target := text
		if file != "" {
			content, err := os.ReadFile(path.Join(path.Dir(name), file))
			require.NoError(t, err, "%s links to %s", name, found[1])
			target = string(content)
		}
		if anchor != "" {
			require.Contains(t, slugs(target), anchor, "%s links to %s", name, found[1])
		}
	}
}

// slugs are the anchors of a document's headings, as GitHub makes them.
func slugs(text string) (out []string) {
	for _, found := range heading.FindAllStringSubmatch(text, -1) {
		plain := notSlug.ReplaceAllString(strings.ToLower(strings.TrimSpace(found[1])), "")
		out = append(out, strings.ReplaceAll(plain, " ", "-"))
	}
	return out
}

func requireShortLines(t *testing.T, name, text string) {
	t.Helper()
	fenced := false
	for i, line := range strings.Split(text, "\n") {
		if language, isFence := strings.CutPrefix(strings.TrimSpace(line), "```"); isFence {
			require.True(t, fenced || language != "", "%s:%d: code without a language", name, i+1)
			fenced = !fenced
		}
		long := len([]rune(line)) > 100 && !strings.HasPrefix(line, "|") && !strings.Contains(line, "http")
		require.False(t, long, "%s:%d has more than 100 columns", name, i+1)
	}
	require.False(t, fenced, "%s ends within code", name)
}
