package llm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/redact"
)

// The texts of the prompt contain no word that redaction hides.
func TestPromptTextIsNotRedacted(t *testing.T) {
	require.Equal(t, role, redact.Text(role))
	require.Equal(t, task, redact.Text(task))
	require.Equal(t, schemaText(), redact.Text(schemaText()))
}
