// Package documenttest is for tests only: it holds the tables of documents against what tests
// count again, and their sentences too. A table stands between the lines <!-- NAME --> and
// <!-- end of NAME -->.
package documenttest

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Hold compares a table with the one in a document or, if update is true, writes it there. It
// returns what stands before the table. A failure says how the table is written anew.
func Hold(t *testing.T, document, name, table string, update bool) (before string) {
	t.Helper()
	raw, err := os.ReadFile(document)
	require.NoError(t, err)
	begins, ends := "<!-- "+name+" -->\n", "<!-- end of "+name+" -->"
	before, rest, found := strings.Cut(string(raw), begins)
	require.True(t, found, "%s has no line %q", document, begins)
	old, after, found := strings.Cut(rest, ends)
	require.True(t, found, "%s has no line %q", document, ends)
	if update {
		require.NoError(t, os.WriteFile(document, []byte(before+begins+table+ends+after), 0o600))
		return before
	}
	require.Equal(t, table, old, "run in this folder: go test -run '%s$' -update", t.Name())
	return before
}

// Text is a document with a blank in place of each line break, so that a sentence is found however
// its lines are broken.
func Text(t *testing.T, document string) string {
	t.Helper()
	raw, err := os.ReadFile(document)
	require.NoError(t, err)
	return strings.Join(strings.Fields(string(raw)), " ")
}

// Says requires that a document has a sentence. A failure shows the sentence, and not the document.
func Says(t *testing.T, document, sentence string) {
	t.Helper()
	if !strings.Contains(Text(t, document), sentence) {
		require.Failf(t, "a sentence is missing", "%s: %s", document, sentence)
	}
}
