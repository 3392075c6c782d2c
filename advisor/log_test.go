package advisor

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/advisor/llm"
	"github.com/flink-sidecar/flink-sidecar/advisor/llmtest"
)

// Each line about the advice of an LLM says of which episode it is.
func TestLinesAboutAdviceNameTheEpisode(t *testing.T) {
	for message, content := range map[string]string{
		"LLM gave advice":    said(t, llm.Answer{Findings: []llm.Claim{good()}}),
		"LLM gave no advice": "this is no JSON",
	} {
		var logged bytes.Buffer
		a := asking(t, llmtest.NewServer(llmtest.Reply{Content: content}), nil)
		a.log = slog.New(slog.NewJSONHandler(&logged, nil))
		b := kryoJob(t)
		b.Episode, b.Cluster = "01JAB", "prod"
		a.Advise(t.Context(), b)
		var line map[string]any
		require.NoError(t, json.Unmarshal(logged.Bytes(), &line), logged.String())
		require.Equal(t, message, line["msg"])
		require.Equal(t, "01JAB", line["episode"])
		require.Equal(t, "prod", line["cluster"])
		require.Equal(t, "orders", line["job"])
	}
}
