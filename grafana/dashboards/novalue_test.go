package dashboards

import (
	"os"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// quiet matches a panel that the test on the local stack lets have no data.
var quiet = regexp.MustCompile(`"(\w[\w-]*\.json): ([^"]+)": +"`)

// withEmptyCells are tables that the text would fill wherever a value is unknown, not only where they
// have no row.
var withEmptyCells = []string{
	"What changed?", "Trends, the soonest breach first", "How often the rules were right", "Jobs, the worst first",
	"First root exception",
}

// TestNothingIsSaid: a panel that may have nothing to show says so in its own words. None of them says
// that all is well: what is not measured has no data either.
func TestNothingIsSaid(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../../deploy/e2e/dashboards_test.go")
	require.NoError(t, err)
	found := quiet.FindAllStringSubmatch(string(source), -1)
	require.Greater(t, len(found), 20)
	may := map[string][]string{}
	for _, f := range found {
		may[f[1]] = append(may[f[1]], f[2])
	}
	for _, b := range boards(t) {
		for _, p := range b.panels() {
			said := p.FieldConfig.Defaults.NoValue
			switch {
			case containsPrefix(withEmptyCells, p.Title):
				require.Empty(t, said, "%s: %s", b.file, p.Title)
			case containsPrefix(may[b.file], p.Title):
				require.Regexp(t, `^(None|No|Not|none|not|Unknown)\b`, said, "%s: %s", b.file, p.Title)
			}
		}
	}
}

// containsPrefix: one of the texts begins title; the other test shortens some.
func containsPrefix(texts []string, title string) bool {
	for _, text := range texts {
		if len(text) <= len(title) && title[:len(text)] == text {
			return true
		}
	}
	return false
}
