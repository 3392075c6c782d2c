package episode

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheAdviceIsDocumented finds each key of the JSON in the table of docs/advice.md.
func TestTheAdviceIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/advice.md")
	require.NoError(t, err)
	_, table, found := strings.Cut(string(page), "## The advice as JSON\n")
	require.True(t, found)
	for _, of := range []reflect.Type{
		reflect.TypeFor[Advice](), reflect.TypeFor[Finding](), reflect.TypeFor[Impact](), reflect.TypeFor[Evidence](),
		reflect.TypeFor[Rejection](),
	} {
		for field := range of.Fields() {
			key, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			if !strings.Contains(table, "`"+key+"`") {
				t.Errorf("docs/advice.md does not say what %s of %s is", key, of.Name())
			}
		}
	}
}
