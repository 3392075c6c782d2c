package rules

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/require"
)

// TestRemovableTimesRules: each benchmark of make removable is a class with the name of a rule,
// and docs/advice.md says how many there are.
func TestRemovableTimesRules(t *testing.T) {
	files, err := filepath.Glob("../../deploy/bench/removable/src/main/java/org/flinksidecar/removable/*.java")
	require.NoError(t, err)
	names := map[string]bool{}
	for _, r := range All() {
		names[r.Name] = true
	}
	timed := 0
	for _, file := range files {
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		if strings.Contains(string(text), " extends Pair ") {
			timed++
			require.True(t, names[kebab(strings.TrimSuffix(filepath.Base(file), ".java"))], file)
		}
	}
	advice, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, strings.ReplaceAll(string(advice), "\n", " "),
		fmt.Sprintf("times what the changes of %d rules leave", timed))
}

// kebab turns the name of a Java class into that of a rule.
func kebab(class string) string {
	var b strings.Builder
	for i, r := range class {
		if unicode.IsUpper(r) && i > 0 {
			b.WriteByte('-')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
