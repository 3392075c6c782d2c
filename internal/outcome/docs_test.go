package outcome_test

import (
	"os"
	"reflect"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/outcome"
)

// TestDocumentedJSON: docs/history.md names each key of the table.
func TestDocumentedJSON(t *testing.T) {
	text, err := os.ReadFile("../../docs/history.md")
	require.NoError(t, err)
	for _, of := range []reflect.Type{
		reflect.TypeFor[outcome.Table](), reflect.TypeFor[outcome.Row](), reflect.TypeFor[outcome.Judged](),
	} {
		for field := range of.Fields() {
			if field.Anonymous {
				continue
			}
			require.Contains(t, string(text), "`"+field.Tag.Get("json")+"`", of)
		}
	}
}
